using Spectre.Console;
using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Published;

namespace Tuner.Cli.Commands.Calibration;

/// <summary>Prints published findings beside what the cost model says.</summary>
internal static class CrossoverTable
{
    public static void Write(IAnsiConsole console, HardwareProfile profile)
    {
        IReadOnlyList<CrossoverResult> results = Crossovers.Run(profile);
        if (results.Count == 0)
            return;
        Spectre.Console.Table table = CheckTable.Of(["published: the first side is more", "source"], ["predicted", "", "holds"]);
        foreach (CrossoverResult result in results)
            table.AddRow(Markup.Escape(result.Crossover.Claim), Markup.Escape(result.Crossover.Source), Value(result.More, result), Value(result.Less, result), result.Holds ? "yes" : "[red]no[/]");
        console.Write(table);
        console.WriteLine($"{results.Count(result => result.Holds)} of {results.Count} published findings hold in sign.");
    }

    private static string Value(double value, CrossoverResult result) => result.Crossover.Unit switch
    {
        "s" => CheckTable.Number(1000 * value, "0.00") + " ms",
        "s/token" => CheckTable.Number(1000 * value, "0.00e+0") + " ms",
        "x" => CheckTable.Number(value, "0.00") + "x",
        "J" => CheckTable.Number(value, "0.000") + " J",
        _ => CheckTable.Number(value, "0"),
    };
}
