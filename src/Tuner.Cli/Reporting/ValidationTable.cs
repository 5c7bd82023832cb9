using System.Globalization;
using System.Text.RegularExpressions;
using Spectre.Console;
using Tuner.Env;

namespace Tuner.Cli.Reporting;

/// <summary>What validation saw: the load each candidate carries, as a multiple of what static-best carries.</summary>
internal static partial class ValidationTable
{
    /// <summary>Prints one row a kind of traffic, days of a kind taken together as their geometric mean, and one column a candidate.</summary>
    public static void Write(IReadOnlyList<string> names, IReadOnlyList<EpisodeTraffic> sources, double[][] scores, double[] means, int shipped)
    {
        Table table = new Table().Border(TableBorder.Simple).Title("held-out traffic: load carried / static-best").AddColumn(new TableColumn("traffic").NoWrap());
        foreach (string name in names)
            table.AddColumn(new TableColumn(Markup.Escape(name)).RightAligned().Padding(1, 0, 0, 0));
        foreach (IGrouping<string, int> kind in Enumerable.Range(0, sources.Count).GroupBy(source => Kind(sources[source].Trace.Name)))
            table.AddRow([Markup.Escape(kind.Count() == 1 ? kind.Key : $"{kind.Key}, {kind.Count()} days"), .. scores.Select(row => Ratio(Math.Exp(kind.Average(source => Math.Log(row[source])))))]);
        table.AddRow(["mean", .. means.Select(Ratio)]);
        AnsiConsole.Write(table);
        AnsiConsole.WriteLine($"the policy file holds: {names[shipped]}");
    }

    /// <summary>A trace's name without its folder, its ending and the seed of a preset.</summary>
    private static string Kind(string name) => SeedOfPreset().Replace(Path.GetFileNameWithoutExtension(name), "");

    [GeneratedRegex("@[0-9]+")]
    private static partial Regex SeedOfPreset();

    private static string Ratio(double share) => share.ToString("0.00", CultureInfo.InvariantCulture);
}
