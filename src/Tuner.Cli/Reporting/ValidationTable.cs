using System.Globalization;
using MathNet.Numerics.Statistics;
using Spectre.Console;
using Tuner.Cli.Commands.Training;

namespace Tuner.Cli.Reporting;

/// <summary>What validation saw: the load each candidate carries, as a multiple of what static-best carries.</summary>
internal static class ValidationTable
{
    /// <summary>Prints one row a kind of traffic, days of a kind taken together as their geometric mean, and one column a candidate.</summary>
    public static void Write(IReadOnlyList<string> names, IReadOnlyList<HeldOutTraffic> sources, double[][] scores, double[] means, int shipped)
    {
        Table table = new Table().Border(TableBorder.Simple).Title("held-out traffic: load carried / static-best").AddColumn(new TableColumn("traffic").NoWrap());
        foreach (string name in names)
            table.AddColumn(new TableColumn(Markup.Escape(name)).RightAligned().Padding(1, 0, 0, 0));
        foreach (IGrouping<string, int> kind in Enumerable.Range(0, sources.Count).GroupBy(source => sources[source].Trace.Name))
        {
            string name = Path.GetFileNameWithoutExtension(kind.Key);
            table.AddRow([Markup.Escape(kind.Count() == 1 ? name : $"{name}, {kind.Count()} days"), .. scores.Select(row => Ratio(kind.Select(source => row[source]).GeometricMean()))]);
        }

        table.AddRow(["mean", .. means.Select(Ratio)]);
        AnsiConsole.Write(table);
        AnsiConsole.WriteLine($"the policy file holds: {names[shipped]}");
    }

    private static string Ratio(double share) => share.ToString("0.00", CultureInfo.InvariantCulture);
}
