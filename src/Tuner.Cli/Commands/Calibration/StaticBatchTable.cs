using Spectre.Console;
using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Published;

namespace Tuner.Cli.Commands.Calibration;

/// <summary>Prints static batches: errors by engine, formats and parallelism, and what is not covered.</summary>
internal static class StaticBatchTable
{
    public static IReadOnlyList<RankResult> Write(IAnsiConsole console, string folder, HardwareProfile profile)
    {
        StaticBatchReport report = StaticBatchCheck.Run(profile, StaticBatchSample.Read(folder));
        if (report.Errors.Count == 0)
            return [];
        Spectre.Console.Table table = CheckTable.Of(["static batches", "host times"], ["rows", "error", "bias"]);
        foreach (StaticBatchError error in report.Errors)
            table.AddRow(Markup.Escape(error.Batches), error.Fitted ? "fitted to" : "kept", CheckTable.Number(error.Count, "0"), CheckTable.Percent(error.MeanError), CheckTable.Percent(error.Bias));
        console.Write(table);
        console.WriteLine($"{report.NotCovered} batches are not covered (mixtures of experts, 8-bit formats the GPU does not compute in).");
        return report.Ranks;
    }
}
