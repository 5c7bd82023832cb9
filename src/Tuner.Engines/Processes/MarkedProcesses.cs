using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Tuner.Engines.Processes;

/// <summary>Finds processes that an actuator started, whether or not it lived long enough to note them: each carries the actuator's folder in its environment.</summary>
/// <remarks>A process hands its environment on, so an engine's workers are found as well. Linux alone lets others' environments be read (proc(5)); elsewhere none are found.</remarks>
internal static class MarkedProcesses
{
    /// <summary>The environment variable; its value is the full path of <see cref="EngineProcessOptions.Folder"/>.</summary>
    public const string Variable = "TUNER_ENGINE";

    /// <summary>Those running now; each is to be disposed.</summary>
    public static List<Process> Find(string folder)
    {
        var found = new List<Process>();
        if (!OperatingSystem.IsLinux())
            return found;
        byte[] wanted = Encoding.UTF8.GetBytes($"{Variable}={folder}");
        foreach (string path in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int id) || id == Environment.ProcessId)
                continue;
            try
            {
                if (IsMarked(File.ReadAllBytes(Path.Combine(path, "environ")), wanted))
                    found.Add(Process.GetProcessById(id));
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
            {
                // It has ended, or is another user's.
            }
        }

        return found;
    }

    private static bool IsMarked(ReadOnlySpan<byte> environment, ReadOnlySpan<byte> wanted)
    {
        foreach (Range entry in environment.Split((byte)0))
        {
            if (environment[entry].SequenceEqual(wanted))
                return true;
        }

        return false;
    }
}
