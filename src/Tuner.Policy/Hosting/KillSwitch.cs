using Tuner.Policy.Files;
using Tuner.Policy.Safety;

namespace Tuner.Policy.Hosting;

/// <summary>On by option, by a file, or because it tripped; a trip writes the file, so that it outlives the process.</summary>
/// <param name="defaultFile">The file when the options name none.</param>
internal sealed class KillSwitch(string defaultFile)
{
    private string? unwritten;

    /// <summary>The file that keeps the switch on.</summary>
    public string FileOf(SafetyOptions options) => options.KillFile ?? defaultFile;

    /// <summary>Why the switch is on; null while it is off.</summary>
    public string? Reason(SafetyOptions options)
    {
        if (options.Kill)
            return "SafetyOptions.Kill is set";
        if (unwritten is not null)
            return unwritten;
        string path = FileOf(options);
        if (!File.Exists(path))
            return null;
        try
        {
            string said = File.ReadAllText(path).Trim();
            return said.Length > 0 ? said : $"{Path.GetFileName(path)} exists";
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return $"{Path.GetFileName(path)} exists";
        }
    }

    /// <summary>Turns the switch on.</summary>
    /// <returns>Why the file could not be written (the switch is on until the process ends); null when it was.</returns>
    public string? Trip(SafetyOptions options, string reason)
    {
        try
        {
            AtomicFile.Write(FileOf(options), System.Text.Encoding.UTF8.GetBytes(reason + "\n"));
            unwritten = null;
            return null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            unwritten = reason;
            return problem.Message;
        }
    }
}
