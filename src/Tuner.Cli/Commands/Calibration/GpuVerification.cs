using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Tuner.Kernels.Calibration;
using Tuner.Kernels.Calibration.Gpu;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Libraries;
using Tuner.Kernels.Verification;

namespace Tuner.Cli.Commands.Calibration;

/// <summary>Compares every GPU kernel with its reference, then says what the most important ones reach of the hardware's peak.</summary>
internal static class GpuVerification
{
    private const ulong Seed = 1;

    private static readonly JsonSerializerOptions Layout = new(JsonSerializerDefaults.Web) { WriteIndented = true, NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <returns><see cref="ExitCode.Ok"/> when every kernel that ran was right, whatever its speed.</returns>
    public static int Run(IAnsiConsole console, string device, VerificationScale scale, string? json, CancellationToken cancellation)
    {
        using CudaDevice gpu = GpuMeasurement.Open(device, out int driverVersion);
        try
        {
            console.WriteLine(gpu.Spec.ToString());
            IReadOnlyList<CheckOutcome> outcomes = LiveProgress.Run(report => KernelVerification.Run(gpu, scale, Seed, report, cancellation));
            console.Write(Outcomes(outcomes));
            IReadOnlyList<PeakShare> shares = PeakShares.Run(gpu);
            console.Write(Shares(shares));
            if (json is not null)
                Shared.WriteFile(json, JsonSerializer.Serialize(new { device = gpu.Spec, driverVersion, outcomes, shares }, Layout) + "\n");
            return outcomes.All(outcome => outcome.Passed || outcome.Skipped is not null) ? ExitCode.Ok : ExitCode.Failed;
        }
        catch (Exception wrong) when (wrong is CalibrationException or CudaException or KernelException or CublasLtException)
        {
            throw new UserErrorException($"--device {device}: {wrong.Message}");
        }
    }

    private static Table Outcomes(IReadOnlyList<CheckOutcome> outcomes)
    {
        Table table = CheckTable.Of(["kernel"], ["shapes", "worst error", "tolerance", "worst element", "right"]);
        foreach (IGrouping<string, CheckOutcome> kernel in outcomes.GroupBy(outcome => outcome.Kernel))
        {
            CheckOutcome[] ran = [.. kernel.Where(outcome => outcome.Skipped is null)];
            if (ran.Length == 0)
            {
                table.AddRow(Markup.Escape(kernel.Key), "0", "", "", "", Markup.Escape(kernel.First().Skipped!));
                continue;
            }

            table.AddRow(
                Markup.Escape(kernel.Key),
                CheckTable.Number(ran.Length, "0"),
                ran.Max(outcome => outcome.Error).ToString("0.0e0", CultureInfo.InvariantCulture),
                ran.Max(outcome => outcome.Tolerance).ToString("0.0e0", CultureInfo.InvariantCulture),
                CheckTable.Number(ran.Max(outcome => outcome.Worst), "0.00"),
                ran.All(outcome => outcome.Passed) ? "yes" : $"[red]no[/]: {Markup.Escape(ran.First(outcome => !outcome.Passed).Shape)}");
        }

        return table;
    }

    private static Table Shares(IReadOnlyList<PeakShare> shares)
    {
        Table table = CheckTable.Of(["share of peak", "kernel"], ["achieved", "peak", "share", "aim", ""]);
        foreach (PeakShare share in shares)
        {
            table.AddRow(
                Markup.Escape(share.What),
                Markup.Escape(share.Kernel),
                CheckTable.Number(share.Achieved / 1e12, "0.000") + " T/s",
                share.Peak > 0 ? CheckTable.Number(share.Peak / 1e12, "0.000") + " T/s" : "not known",
                share.Peak > 0 ? CheckTable.Percent(share.Share) : "",
                CheckTable.Percent(share.Aim),
                share.Peak > 0 ? CheckTable.Met(share.Met) : "");
        }

        return table;
    }
}
