using System.Globalization;
using Spectre.Console;
using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Published;

namespace Tuner.Cli.Commands.Calibration;

/// <summary>Prints the speculation sweep: measured and predicted speed-ups, errors and break-evens.</summary>
internal static class SpeculationTable
{
    /// <summary>The GPU whose chip the sweep ran on.</summary>
    private const string Chip = "h100";

    public static void Write(IAnsiConsole console, string folder, HardwareProfile profile)
    {
        if (profile.Name != Chip)
            return;
        SpeculationReport report = SpeculationCheck.Run(profile, SpeculationSample.Read(folder));
        int[] inFlight = [.. report.Points.Select(point => point.Sample.InFlight).Distinct().Order()];
        Spectre.Console.Table speedUps = CheckTable.Of(["speed-up of speculation, predicted / measured"], [.. inFlight.Select(count => count.ToString(CultureInfo.InvariantCulture))]);
        foreach (var setting in report.Points.GroupBy(point => (point.Sample.Draft, point.Sample.DraftTokens)).OrderBy(group => group.Key))
        {
            Dictionary<int, SpeculationPoint> at = setting.ToDictionary(point => point.Sample.InFlight);
            speedUps.AddRow([
                Markup.Escape($"{setting.Key.Draft}, k {setting.Key.DraftTokens}"),
                .. inFlight.Select(count => at.TryGetValue(count, out SpeculationPoint point) ? CheckTable.Number(point.Predicted, "0.00") + "/" + CheckTable.Number(point.Measured, "0.00") : "")]);
        }

        console.Write(speedUps);
        Spectre.Console.Table errors = CheckTable.Of(["speculation sweep"], ["rows", "mean error", "bias", "worst", "asked"]);
        foreach (SpeculationError error in report.Errors)
            errors.AddRow(Markup.Escape(error.Rows), CheckTable.Number(error.Count, "0"), CheckTable.Number(error.MeanError, "0.000") + "x", CheckTable.Number(error.Bias, "+0.000;-0.000") + "x", CheckTable.Number(error.WorstError, "0.00") + "x", CheckTable.Met(error.MeanError <= SpeculationReport.Asked));
        console.Write(errors);
        int met = report.BreakEvens.Count(breakEven => breakEven.StepsApart <= SpeculationReport.AskedSteps);
        console.WriteLine($"break-even within {SpeculationReport.AskedSteps} measured step: {met} of {report.BreakEvens.Count} settings, {report.BreakEvens.Count(breakEven => breakEven.StepsApart == 0)} at the very step.");
    }
}
