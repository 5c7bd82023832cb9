using System.Globalization;
using Spectre.Console;
using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration;
using Tuner.Kernels.Calibration.Published;

namespace Tuner.Cli.Commands.Calibration;

/// <summary>Fits a profile to published kernel tables and prints how well each term reproduces them.</summary>
internal static class PublishedFit
{
    public static void Run(IAnsiConsole console, string folder, string gpu, string path)
    {
        HardwareProfile profile;
        try
        {
            profile = PublishedCalibration.Run(folder, gpu);
        }
        catch (CalibrationException wrong)
        {
            throw new UserErrorException(wrong.Message);
        }

        Shared.WriteFile(path, HardwareFile.Write(profile) + "\n");
        console.Write(Errors(profile));
        console.WriteLine($"profile: {path}");
    }

    /// <summary>Prints a profile's own errors, and those of whole benchmarks it was not fitted to.</summary>
    public static void Check(IAnsiConsole console, string folder, string path)
    {
        try
        {
            HardwareProfile profile = ProfileCatalog.Hardware(path);
            console.Write(Errors(profile));
            (IReadOnlyList<EndToEndError> errors, int notCovered) = EndToEndCheck.Run(profile, EndToEndSample.Read(folder));
            var table = new Spectre.Console.Table().Border(TableBorder.Simple).AddColumn("served benchmark").AddColumn("engine");
            foreach (string heading in (string[])["rows", "TPOT error", "bias", "TTFT error", "bias"])
                table.AddColumn(new TableColumn(heading).RightAligned().NoWrap());
            foreach (EndToEndError error in errors)
                table.AddRow(Markup.Escape(error.Configuration), Markup.Escape(error.Engine), error.Rows.ToString("N0", CultureInfo.InvariantCulture), Percent(error.TpotError), Percent(error.TpotBias), Percent(error.TtftError), Percent(error.TtftBias));
            if (errors.Count > 0)
            {
                double rows = errors.Sum(error => error.Rows);
                table.AddRow("all, mean", "", rows.ToString("N0", CultureInfo.InvariantCulture), Percent(errors.Sum(error => error.Rows * error.TpotError) / rows), "", Percent(errors.Sum(error => error.Rows * error.TtftError) / rows), "");
            }

            console.Write(table);
            console.WriteLine($"{notCovered} benchmarks of {profile.Name} are not covered (mixtures of experts over several GPUs, 4-bit checkpoints, models not shipped).");
            FurtherChecks.Write(console, folder, profile);
        }
        catch (Exception wrong) when (wrong is CalibrationException or ScenarioFormatException)
        {
            throw new UserErrorException(wrong.Message);
        }
    }

    private static Spectre.Console.Table Errors(HardwareProfile profile)
    {
        var table = new Spectre.Console.Table().Border(TableBorder.Simple);
        table.AddColumn("term");
        foreach (string heading in (string[])["rows", "median error", "p90", "bias"])
            table.AddColumn(new TableColumn(heading).RightAligned().NoWrap());
        table.AddColumn("over");
        foreach (FitError error in profile.Errors)
            table.AddRow(Markup.Escape(error.Term), error.Rows.ToString("N0", CultureInfo.InvariantCulture), Percent(error.MedianError), Percent(error.P90Error), Percent(error.Bias), Markup.Escape(error.Scope));
        return table;
    }

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
