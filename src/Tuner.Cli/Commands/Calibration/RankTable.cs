using Spectre.Console;
using Tuner.Kernels.Calibration.Published;

namespace Tuner.Cli.Commands.Calibration;

/// <summary>Prints how often the cost model picks an option within 5 % of the best that was measured.</summary>
internal static class RankTable
{
    public static void Write(IAnsiConsole console, IEnumerable<RankResult> results)
    {
        RankResult[] asked = [.. results.Where(result => result.Workloads > 0)];
        if (asked.Length == 0)
            return;
        Spectre.Console.Table table = CheckTable.Of(["pick among measured options"], ["workloads", "options", "within 5 %", "by chance", "mean loss", "asked"]);
        foreach (RankResult result in asked)
        {
            double share = (double)result.Close / result.Workloads;
            table.AddRow(Markup.Escape(result.Question), CheckTable.Number(result.Workloads, "0"), CheckTable.Number(result.MeanOptions, "0.0"), CheckTable.Percent(share), CheckTable.Percent(result.ByChance / result.Workloads), CheckTable.Percent(result.MeanLoss), CheckTable.Met(share >= RankResult.Asked));
        }

        console.Write(table);
    }
}
