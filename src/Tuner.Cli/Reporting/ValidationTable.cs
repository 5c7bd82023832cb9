using System.Globalization;
using Spectre.Console;
using Tuner.Env;

namespace Tuner.Cli.Reporting;

/// <summary>What validation saw: promises kept in per cent, candidate by candidate.</summary>
internal static class ValidationTable
{
    public static void Write(IReadOnlyList<string> names, IReadOnlyList<EpisodeTraffic> sources, double[][] scores, double[] means, int shipped)
    {
        Table table = new Table().Border(TableBorder.Simple).Title("held-out traffic: promises kept, %").AddColumn(new TableColumn("candidate").NoWrap()).AddColumn("mean");
        foreach (EpisodeTraffic source in sources)
            table.AddColumn(Markup.Escape(Path.GetFileNameWithoutExtension(source.Trace.Name)));
        for (int i = 0; i < names.Count; i++)
            table.AddRow([Markup.Escape(names[i]), Percent(means[i]), .. scores[i].Select(Percent)]);
        AnsiConsole.Write(table);
        AnsiConsole.WriteLine($"the policy file holds: {names[shipped]}");
    }

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);
}
