using System.Runtime.InteropServices;

namespace Tuner.Cli.Commands.Doctor;

/// <summary>Whether the C++ runtime is recent enough for libtorch; on Debian 12 it is not, and the loader's message misleads.</summary>
internal static class CppRuntime
{
    private const string Library = "libstdc++.so.6";
    private const string Needed = "GLIBCXX_3.4.32";

    private const string Remedy =
        "Debian 13, Ubuntu 24.04 or newer have it; on Debian 12 run eng/prerequisites.sh as root, "
        + "or add the trixie suite at pin priority 100 and 'apt-get install -t trixie libstdc++6'";

    public static Finding Check()
    {
        if (!OperatingSystem.IsLinux())
            return new Finding("C++ runtime", CheckOutcome.Ok, "comes with the operating system");
        if (!NativeLibrary.TryLoad(Library, out _))
            return new Finding("C++ runtime", CheckOutcome.Missing, $"{Library} was not found", Remedy);
        string? path = LoadedPath();
        if (path is null)
            return new Finding("C++ runtime", CheckOutcome.Ok, $"{Library} loads; where from is not known");
        return File.ReadAllBytes(path).AsSpan().IndexOf("GLIBCXX_3.4.32"u8) >= 0
            ? new Finding("C++ runtime", CheckOutcome.Ok, $"{path} has {Needed}")
            : new Finding("C++ runtime", CheckOutcome.Missing, $"{path} lacks {Needed}, which libtorch needs", Remedy);
    }

    /// <summary>Where the loader found the library: asking the process itself beats guessing at the loader's search.</summary>
    private static string? LoadedPath()
        => File.ReadLines("/proc/self/maps")
            .Select(line => line[(line.LastIndexOf(' ') + 1)..])
            .FirstOrDefault(path => path.StartsWith('/') && Path.GetFileName(path).StartsWith(Library[..^1], StringComparison.Ordinal));
}
