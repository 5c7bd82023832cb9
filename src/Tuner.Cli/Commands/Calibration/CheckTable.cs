using System.Globalization;
using Spectre.Console;

namespace Tuner.Cli.Commands.Calibration;

/// <summary>A table of a check: text on the left, numbers on the right.</summary>
internal static class CheckTable
{
    public static Table Of(string[] texts, string[] numbers)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (string heading in texts)
            table.AddColumn(heading);
        foreach (string heading in numbers)
            table.AddColumn(new TableColumn(heading).RightAligned().NoWrap());
        return table;
    }

    public static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    public static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    public static string Met(bool met) => met ? "met" : "[red]missed[/]";
}
