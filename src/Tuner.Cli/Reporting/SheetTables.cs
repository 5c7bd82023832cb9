using System.Globalization;
using Spectre.Console;

namespace Tuner.Cli.Reporting;

/// <summary>What an evaluation found beside the comparison itself, for a terminal.</summary>
internal static class SheetTables
{
    public static void Write(IAnsiConsole console, Evaluation found)
    {
        if (found.Summary.Any(row => row.Interval is not null))
            Write(console, "sustained load of tuner over that of others", SheetColumns.Summary, found.Summary.Select(SheetColumns.Of));
        if (SummaryRow.ShareOfOracle(found.Summary) is { } share)
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"tuner has {100 * share:0} % of what the oracle gains over static-best"));
        Write(console, "at the load static-best just carries, and at one that takes a lossy setting", SheetColumns.Equal, found.Equal.Select(SheetColumns.Of));
        Write(console, "what tuner turned", SheetColumns.Use, found.Rows.Where(row => row.Policy == "tuner").Select(SheetColumns.UseOf));
        Write(console, "tuner without one knob at a time", SheetColumns.Difference, found.Ablation.Select(SheetColumns.Of));
        Write(console, "disturbed", SheetColumns.Difference, found.Robustness.Select(SheetColumns.Of));
    }

    private static void Write(IAnsiConsole console, string title, IReadOnlyList<string> columns, IEnumerable<string[]> rows)
    {
        Table table = new Table().Border(TableBorder.Simple).Title(Markup.Escape(title)).AddColumns([.. columns.Select(Markup.Escape)]);
        foreach (string[] row in rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        if (table.Rows.Count > 0)
            console.Write(table);
    }
}
