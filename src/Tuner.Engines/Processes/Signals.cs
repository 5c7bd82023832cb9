using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tuner.Engines.Processes;

/// <summary>Asks a process to end; .NET itself can only kill.</summary>
internal static partial class Signals
{
    private const int Terminate = 15; // SIGTERM

    /// <summary>Asks where the system can ask, kills where it cannot.</summary>
    public static void AskToEnd(Process process)
    {
        if (OperatingSystem.IsWindows())
            process.Kill(entireProcessTree: true);
        else
            _ = Kill(process.Id, Terminate);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
