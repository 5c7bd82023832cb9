using System.Globalization;
using Spectre.Console;
using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration;
using Tuner.Kernels.Calibration.Gpu;
using Tuner.Kernels.Calibration.Samples;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Libraries;

namespace Tuner.Cli.Commands.Calibration;

/// <summary>Times the GPU kernels of this machine and fits a profile to them.</summary>
internal static class GpuMeasurement
{
    /// <summary>Measures what the journal lacks, fits, and writes the profile.</summary>
    /// <param name="console">Where progress and errors go.</param>
    /// <param name="device">The device as written, such as <c>cuda:0</c>.</param>
    /// <param name="grid">The shapes.</param>
    /// <param name="path">Where the profile goes.</param>
    /// <param name="journalPath">Where points go, and are taken from when they are there.</param>
    /// <param name="cancellation">Ends the measuring; points stay.</param>
    public static void Run(IAnsiConsole console, string device, GpuGrid grid, string path, string journalPath, CancellationToken cancellation)
    {
        using CudaDevice gpu = Open(device, out int driverVersion);
        try
        {
            console.WriteLine(gpu.Spec.ToString());
            using GpuJournal journal = GpuJournal.Open(journalPath, gpu.Spec, driverVersion);
            if (journal.Points.Count > 0)
                console.WriteLine($"{journal.Points.Count} points are in {journalPath} already.");
            (double? limit, string meter, string library) = LiveProgress.Run(report => GpuCalibration.Measure(gpu, grid, journal, report, cancellation));
            console.WriteLine(library);
            KernelMeasurements measured = GpuCalibration.Read(gpu.Spec, driverVersion, DateOnly.FromDateTime(DateTime.UtcNow), grid, journal.Points);
            HardwareProfile profile = GpuProfile.Fit(measured, journal.Points, gpu.Spec, grid, limit, meter);
            Shared.WriteFile(path, HardwareFile.Write(profile) + "\n");
            console.Write(PublishedFit.Errors(profile.Errors));
            double[] spreads = [.. journal.Points.Values.Select(point => point.Spread).Order()];
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{spreads.Length} points; half of them varied by less than {spreads[spreads.Length / 2]:P1} between the quartiles, the worst by {spreads[^1]:P0}."));
            foreach (GpuPoint point in journal.Points.Values.Where(point => point.Refused is not null))
                console.WriteLine($"refused: {point.Key}: {point.Refused}");
            foreach (string source in profile.Sources)
                console.WriteLine(source);
            console.WriteLine($"profile: {path}");
        }
        catch (Exception wrong) when (wrong is CalibrationException or CudaException or KernelException or CublasLtException)
        {
            throw new UserErrorException($"--device {device}: {wrong.Message}");
        }
    }

    /// <summary>Opens a GPU by what a person wrote.</summary>
    /// <exception cref="UserErrorException">There is no such GPU; the message says what was looked for.</exception>
    public static CudaDevice Open(string device, out int driverVersion)
    {
        string number = device.StartsWith("cuda:", StringComparison.Ordinal) ? device["cuda:".Length..] : device == "cuda" ? "0" : "";
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int ordinal))
            throw new UserErrorException($"--device {device}: expected cpu, cuda or cuda:N.");
        if (!CudaDriver.TryOpen(out CudaDriver? driver))
            throw new UserErrorException($"--device {device}: no GPU found ({CudaDriver.Describe().TrimEnd('.')}); --device cpu measures the processor.");
        if (ordinal >= driver.Devices.Count)
            throw new UserErrorException($"--device {device}: GPUs are numbered 0 to {driver.Devices.Count - 1} here.");
        driverVersion = driver.Version;
        try
        {
            return driver.Open(ordinal);
        }
        catch (CudaException refused)
        {
            throw new UserErrorException($"--device {device}: the driver does not open it: {refused.Message}");
        }
    }
}
