using System.Text.Json;
using Spectre.Console;
using Tuner.Kernels.Calibration;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Launching;
using Tuner.Kernels.Launching.Gpu;

namespace Tuner.Cli.Commands.Calibration;

/// <summary>Chooses launches on a GPU and prints the choice beside simpler ones.</summary>
internal static class GpuLaunchChoice
{
    private static readonly JsonSerializerOptions Layout = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Chooses, keeps and compares.</summary>
    /// <param name="console">Where the comparison goes.</param>
    /// <param name="device">The device as written, such as <c>cuda:0</c>.</param>
    /// <param name="path">Where choices are kept.</param>
    /// <param name="json">Where the comparison also goes; null for nowhere.</param>
    /// <param name="cancellation">Ends it; choices made stay.</param>
    public static void Run(IAnsiConsole console, string device, string path, string? json, CancellationToken cancellation)
    {
        using CudaDevice gpu = GpuMeasurement.Open(device, out int driverVersion);
        try
        {
            console.WriteLine(gpu.Spec.ToString());
            LaunchChoiceFile kept = LaunchChoiceFile.Open(path, TimeProvider.System);
            if (kept.Complaint is { } complaint)
                console.WriteLine(complaint);
            IReadOnlyList<LaunchStudy> studies = LiveProgress.Run(report => LaunchStudies.Run(gpu, driverVersion, kept, report, cancellation));
            console.Write(Shares(studies));
            foreach (LaunchStudy study in studies)
                console.WriteLine($"{study.Name}: chosen {study.Chosen}{(study.Timings == 0 ? " (kept from before)" : "")}; fastest {study.Best}");
            foreach (LaunchStudy study in studies.Where(study => study.WhyFailed is not null))
                console.WriteLine($"{study.Name}: {study.Failed} of {study.Configurations} launches could not run; the first: {study.WhyFailed}");
            string[] differs = [.. studies.SelectMany(study => study.OccupancyDiffers).Distinct()];
            console.WriteLine($"occupancy: worked out and the driver's answer differ for {differs.Length} of the kernels compared ({studies.Max(study => study.OccupancyCompared)} at most in one study)");
            foreach (string difference in differs)
                console.WriteLine(difference);
            if (json is not null)
                Shared.WriteFile(json, JsonSerializer.Serialize(new { device = gpu.Spec, driverVersion, studies }, Layout) + "\n");
            console.WriteLine($"choices: {path}");
        }
        catch (Exception wrong) when (wrong is CalibrationException or CudaException or KernelException or IOException)
        {
            throw new UserErrorException($"--choose-launches {path}: {wrong.Message}");
        }
    }

    private static Table Shares(IReadOnlyList<LaunchStudy> studies)
    {
        Table table = CheckTable.Of(["share of the fastest"], ["chooser", "256 threads, typical", "their best", "highest occupancy", "fastest", "timings", "of exhaustive"]);
        foreach (LaunchStudy study in studies)
        {
            table.AddRow(
                Markup.Escape(study.Name),
                CheckTable.Percent(study.ChosenShare),
                study.Fixed is { } typical ? CheckTable.Percent(typical.Typical) : "none",
                study.Fixed is { } best ? CheckTable.Percent(best.Best) : "none",
                CheckTable.Percent(study.SuggestedShare),
                CheckTable.Number(1e6 * study.BestSeconds, "0.0") + " µs",
                CheckTable.Number(study.Timings, "0"),
                CheckTable.Percent((double)study.Timings / study.ExhaustiveTimings));
        }

        return table;
    }
}
