using System.Text.Json;
using Tuner.Policy.Files;

namespace Tuner.Policy.Hosting;

/// <summary>Keeps <see cref="TunerState"/> in a file that is always whole.</summary>
internal sealed class StateFile(string path)
{
    /// <summary>Reads the state; null when there is none.</summary>
    /// <exception cref="JsonException">The file is damaged; it is set aside as <c>*.damaged</c>.</exception>
    public TunerState? Read()
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), HostingJson.Default.TunerState);
        }
        catch (JsonException)
        {
            File.Move(path, path + ".damaged", overwrite: true);
            throw;
        }
    }

    /// <summary>Writes the state, whole or not at all, to disk before it returns.</summary>
    public void Write(TunerState state) => AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(state, HostingJson.Default.TunerState));
}
