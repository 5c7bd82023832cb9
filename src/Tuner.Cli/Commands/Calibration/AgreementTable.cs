using Spectre.Console;
using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Published;

namespace Tuner.Cli.Commands.Calibration;

/// <summary>Prints where a profile measured here disagrees with what was published for the same kind of GPU.</summary>
internal static class AgreementTable
{
    public static void Write(IAnsiConsole console, string folder, HardwareProfile profile)
    {
        IReadOnlyList<KernelRatio> ratios = PublishedAgreement.Run(folder, profile);
        if (ratios.Count == 0)
            return;
        Spectre.Console.Table table = CheckTable.Of(["published for this GPU, over measured here"], ["calls", "median", "p10", "p90"]);
        foreach (KernelRatio ratio in ratios)
            table.AddRow(Markup.Escape(ratio.Kernels), CheckTable.Number(ratio.Count, "0"), CheckTable.Number(ratio.Median, "0.00"), CheckTable.Number(ratio.Low, "0.00"), CheckTable.Number(ratio.High, "0.00"));
        console.Write(table);
    }
}
