using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Table = Spectre.Console.Table;
using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration;
using Tuner.Kernels.Calibration.Published;

namespace Tuner.Cli.Commands;

/// <summary><c>tuner calibrate</c>: from measured kernels to a hardware profile.</summary>
internal static class CalibrateCommand
{
    public static Command Create(IAnsiConsole console)
    {
        Option<string> from = new("--from") { Description = "A folder of published kernel tables (aiconfigurator/...).", Required = true };
        Option<string> target = new("--out") { Description = "The hardware profile to write, such as configs/hardware/h200.json; its name says which GPU unless --gpu does.", Required = true };
        Option<string?> gpu = new("--gpu") { Description = "The GPU to calibrate, such as h200." };
        var command = new Command("calibrate", "Fit a hardware profile to measured kernels and print its errors.") { from, target, gpu };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(target)!;
            Shared.RequireWritableFile(path);
            string device = parsed.GetValue(gpu) ?? Path.GetFileNameWithoutExtension(path);
            HardwareProfile profile;
            try
            {
                profile = PublishedCalibration.Run(parsed.GetValue(from)!, device);
            }
            catch (CalibrationException wrong)
            {
                throw new UserErrorException(wrong.Message);
            }

            Shared.WriteFile(path, HardwareFile.Write(profile) + "\n");
            console.Write(Errors(profile));
            console.WriteLine($"{path}: written.");
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>The table of how well each term reproduces its measurements.</summary>
    public static Table Errors(HardwareProfile profile)
    {
        Table table = new Table().Border(TableBorder.Simple)
            .AddColumn("term").AddColumn(new TableColumn("rows").RightAligned()).AddColumn(new TableColumn("median error").RightAligned())
            .AddColumn(new TableColumn("p90").RightAligned()).AddColumn(new TableColumn("bias").RightAligned()).AddColumn("over");
        foreach (FitError error in profile.Errors)
        {
            table.AddRow(
                Markup.Escape(error.Term),
                error.Rows.ToString("N0", CultureInfo.InvariantCulture),
                Percent(error.MedianError),
                Percent(error.P90Error),
                Percent(error.Bias),
                Markup.Escape(error.Scope));
        }

        return table;
    }

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
