using System.Text.Json;
using System.Text.Json.Serialization;
using Tuner.Kernels.Calibration.Samples;

namespace Tuner.Kernels.Calibration;

/// <summary>Raw measurements with where and when they were taken, as one JSON file.</summary>
/// <param name="Format">Version of the file's layout.</param>
/// <param name="Date">The day, year first.</param>
/// <param name="Machine">The machine.</param>
/// <param name="Measurements">Every point with its time and spread.</param>
public sealed record MeasurementFile(int Format, DateOnly Date, MachineSpec Machine, KernelMeasurements Measurements)
{
    /// <summary>The layout this build writes and reads.</summary>
    public const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions Layout = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        WriteIndented = true,
    };

    /// <summary>Writes the file whole or not at all.</summary>
    public void Save(string path)
    {
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        File.WriteAllText(temporary, JsonSerializer.Serialize(this, Layout) + "\n");
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is no measurement file, or of another format.</exception>
    public static MeasurementFile Load(string path)
    {
        try
        {
            MeasurementFile? file = JsonSerializer.Deserialize<MeasurementFile>(File.ReadAllText(path), Layout);
            return file?.Format == CurrentFormat
                ? file
                : throw new InvalidDataException($"{path} has format {file?.Format.ToString() ?? "none"}; this build reads format {CurrentFormat}.");
        }
        catch (JsonException wrong)
        {
            throw new InvalidDataException($"{path}: no measurement file: {wrong.Message}", wrong);
        }
    }
}
