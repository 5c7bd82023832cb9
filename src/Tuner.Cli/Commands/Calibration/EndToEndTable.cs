using System.Globalization;
using Spectre.Console;
using Tuner.Kernels.Calibration.Published;

namespace Tuner.Cli.Commands.Calibration;

/// <summary>Prints how far predictions lie from served benchmarks.</summary>
internal static class EndToEndTable
{
    public static Spectre.Console.Table Of(string title, IEnumerable<EndToEndError> errors)
    {
        Spectre.Console.Table table = new Spectre.Console.Table().Border(TableBorder.Simple).AddColumn(title).AddColumn("engine");
        foreach (string heading in (string[])["rows", "TPOT error", "bias", "TTFT error", "bias"])
            table.AddColumn(new TableColumn(heading).RightAligned().NoWrap());
        foreach (EndToEndError error in errors)
            table.AddRow(Markup.Escape(error.Configuration), Markup.Escape(error.Engine), error.Rows.ToString("N0", CultureInfo.InvariantCulture), Percent(error.TpotError), Percent(error.TpotBias), Percent(error.TtftError), Percent(error.TtftBias));
        return table;
    }

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
