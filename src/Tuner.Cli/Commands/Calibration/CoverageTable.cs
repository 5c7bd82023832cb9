using Spectre.Console;
using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Published;

namespace Tuner.Cli.Commands.Calibration;

/// <summary>Prints how many measurements lie in the 80 % bands: calls left out of the tables, served benchmarks whose configuration was left out.</summary>
internal static class CoverageTable
{
    public static void Write(IAnsiConsole console, string folder, HardwareProfile profile)
    {
        BandCoverage[] coverages = [.. TermCoverage.Run(folder, profile.Name), .. ServedCoverage.Run(profile, EndToEndSample.Read(folder))];
        Spectre.Console.Table table = CheckTable.Of(["80 % band of"], ["rows", "spread", "as shipped", "left out", "75 to 85 %"]);
        foreach (BandCoverage coverage in coverages)
            table.AddRow(Markup.Escape(coverage.What), CheckTable.Number(coverage.Rows, "N0"), CheckTable.Number(coverage.HalfWidth, "0.000"), CheckTable.Percent(coverage.Shipped), CheckTable.Percent(coverage.LeftOut), CheckTable.Met(coverage.IsRight));
        console.Write(table);
    }
}
