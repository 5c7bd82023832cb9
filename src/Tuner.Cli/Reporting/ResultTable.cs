using System.Globalization;
using Spectre.Console;

namespace Tuner.Cli.Reporting;

/// <summary>The comparison as a person reads it in a terminal.</summary>
internal static class ResultTable
{
    public static void Write(IAnsiConsole console, IReadOnlyList<EvaluationRow> rows)
    {
        bool sustained = rows.Any(row => row.SustainedLoad is not null);
        foreach (IGrouping<string, EvaluationRow> group in rows.GroupBy(row => row.Traffic))
        {
            var table = new Table().Border(TableBorder.Simple).Title(Markup.Escape($"{group.Key}: {group.First().Requests} requests"));
            table.AddColumns("policy", "promises kept [[95 %]]", "goodput/s", "TTFT ms p50/p90/p99", "TPOT ms p50/p90/p99", "quality loss", "J/token", "switches");
            if (sustained)
                table.AddColumn("sustained ×");
            foreach (EvaluationRow row in group)
            {
                string[] cells =
                [
                    row.Policy == "tuner" ? "[bold]tuner[/]" : row.Policy,
                    Markup.Escape(Text($"{row.SloAttainment:0.000} [{row.AttainmentInterval.Low:0.000}, {row.AttainmentInterval.High:0.000}]")),
                    Text($"{row.GoodputPerSecond:0.00}"),
                    Text($"{row.TtftMs[0]:0}/{row.TtftMs[1]:0}/{row.TtftMs[2]:0}"),
                    Text($"{row.TpotMs[0]:0.0}/{row.TpotMs[1]:0.0}/{row.TpotMs[2]:0.0}"),
                    Text($"{row.QualityLoss:0.00}"),
                    Text($"{row.JoulesPerToken:0.00}"),
                    Text($"{row.Switches}"),
                ];
                table.AddRow(sustained ? [.. cells, row.SustainedLoad is { } load ? RateMultiple.Text(load) : ""] : cells);
            }

            console.Write(table);
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
