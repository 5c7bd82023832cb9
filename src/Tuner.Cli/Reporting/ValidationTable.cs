using System.Globalization;
using Spectre.Console;
using Tuner.Env;

namespace Tuner.Cli.Reporting;

/// <summary>What validation saw: promises kept in per cent, candidate by candidate.</summary>
internal static class ValidationTable
{
    public static void Write(IReadOnlyList<string> names, IReadOnlyList<EpisodeTraffic> sources, double[][] scores, double[] means, int shipped)
    {
        Table table = new Table().Border(TableBorder.Simple).Title("held-out traffic: promises kept, %").AddColumn("traffic");
        foreach (string name in names)
            table.AddColumn(Markup.Escape(name));
        for (int source = 0; source < sources.Count; source++)
            table.AddRow([Markup.Escape(Path.GetFileName(sources[source].Trace.Name)), .. scores.Select(row => Percent(row[source]))]);
        table.AddRow(["weighted mean", .. means.Select(Percent)]);
        AnsiConsole.Write(table);
        AnsiConsole.WriteLine($"the policy file holds: {names[shipped]}");
    }

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);
}
