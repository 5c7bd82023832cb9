using System.Globalization;
using Spectre.Console;
using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration;
using Tuner.Kernels.Calibration.InEngine;
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
            profile = InEngineCalibration.Has(folder, gpu) ? InEngineCalibration.Run(folder, gpu) : PublishedCalibration.Run(folder, gpu);
        }
        catch (CalibrationException wrong)
        {
            throw new UserErrorException(wrong.Message);
        }

        Shared.WriteFile(path, HardwareFile.Write(profile) + "\n");
        console.Write(Errors(profile.Errors));
        console.WriteLine($"profile: {path}");
    }

    /// <summary>Prints a profile's own errors, and those of whole benchmarks it was not fitted to.</summary>
    public static void Check(IAnsiConsole console, string folder, string path)
    {
        try
        {
            HardwareProfile profile = ProfileCatalog.Hardware(path);
            console.Write(Errors(profile.Errors));
            if (PowerCheck.Run(profile, folder) is { Count: > 0 } power)
                console.Write(Errors(power));
            EndToEndReport report = EndToEndCheck.Run(profile, EndToEndSample.Read(folder));
            console.Write(EndToEndTable.Of("served benchmark", report.Errors));
            console.Write(EndToEndTable.Of("by what engines' overheads were fitted to", report.Halves));
            console.WriteLine($"{report.NotCovered} benchmarks of {profile.Name} are not covered (mixtures of experts over several GPUs, 4-bit checkpoints, models not shipped).");
            FurtherChecks.Write(console, folder, profile);
        }
        catch (Exception wrong) when (wrong is CalibrationException or ScenarioFormatException)
        {
            throw new UserErrorException(wrong.Message);
        }
    }

    /// <summary>How well each term of a profile reproduces what it was fitted to.</summary>
    public static Spectre.Console.Table Errors(IReadOnlyList<FitError> errors)
    {
        var table = new Spectre.Console.Table().Border(TableBorder.Simple);
        table.AddColumn("term");
        foreach (string heading in (string[])["rows", "median error", "p90", "bias"])
            table.AddColumn(new TableColumn(heading).RightAligned().NoWrap());
        table.AddColumn("over");
        foreach (FitError error in errors)
            table.AddRow(Markup.Escape(error.Term), error.Rows.ToString("N0", CultureInfo.InvariantCulture), Percent(error.MedianError), Percent(error.P90Error), Percent(error.Bias), Markup.Escape(error.Scope));
        return table;
    }

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
