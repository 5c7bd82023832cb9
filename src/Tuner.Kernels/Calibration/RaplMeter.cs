using System.Globalization;

namespace Tuner.Kernels.Calibration;

/// <summary>The processor's own energy counter, where Linux shows it and lets this user read it.</summary>
/// <remarks>Files and units: Documentation/power/powercap/powercap.rst of the Linux kernel. Memory is not part of the package.</remarks>
public sealed class RaplMeter
{
    private const string Folder = "/sys/class/powercap";
    private const double MicrojoulesPerJoule = 1e6;

    private readonly Package[] packages;

    private RaplMeter(Package[] packages) => this.packages = packages;

    /// <summary>Opens the counters of all processor packages; null where there are none to read.</summary>
    /// <param name="folder">Where the kernel shows them.</param>
    public static RaplMeter? TryOpen(string folder = Folder)
    {
        try
        {
            Package[] packages = !Directory.Exists(folder) ? [] : [.. Directory.GetDirectories(folder, "intel-rapl:*")
                .Where(path => Path.GetFileName(path).Count(letter => letter == ':') == 1)
                .Select(path => new Package(Path.Combine(path, "energy_uj"), Number(Path.Combine(path, "max_energy_range_uj"))))];
            var meter = new RaplMeter(packages);
            meter.Joules();
            return packages.Length > 0 ? meter : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Energy since the meter was opened, joules. Read it more often than the counters run over: every few minutes.</summary>
    public double Joules() => packages.Sum(package => package.Read()) / MicrojoulesPerJoule;

    private static double Number(string file) => double.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture);

    /// <summary>A counter that starts again from 0 at its limit.</summary>
    private sealed class Package(string file, double limit)
    {
        private double? last;
        private double total;

        public double Read()
        {
            double now = Number(file);
            double since = now - (last ?? now);
            total += since < 0 ? since + limit : since;
            last = now;
            return total;
        }
    }
}
