using System.Globalization;
using Spectre.Console;
using Tuner.Env;

namespace Tuner.Cli.Reporting;

/// <summary>What validation saw: the load each candidate carries, as a multiple of what static-best carries.</summary>
internal static class ValidationTable
{
    public static void Write(IReadOnlyList<string> names, IReadOnlyList<EpisodeTraffic> sources, double[][] scores, double[] means, int shipped)
    {
        Table table = new Table().Border(TableBorder.Simple).Title("held-out traffic: load carried / static-best").AddColumn(new TableColumn("candidate").NoWrap()).AddColumn("mean");
        foreach (EpisodeTraffic source in sources)
            table.AddColumn(Markup.Escape(Path.GetFileNameWithoutExtension(source.Trace.Name)));
        for (int i = 0; i < names.Count; i++)
            table.AddRow([Markup.Escape(names[i]), Ratio(means[i]), .. scores[i].Select(Ratio)]);
        AnsiConsole.Write(table);
        AnsiConsole.WriteLine($"the policy file holds: {names[shipped]}");
    }

    private static string Ratio(double share) => share.ToString("0.00", CultureInfo.InvariantCulture);
}
