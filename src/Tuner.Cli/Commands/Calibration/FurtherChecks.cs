using Spectre.Console;
using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Published;

namespace Tuner.Cli.Commands.Calibration;

/// <summary>Prints what else was measured and is compared with predictions: speculation, static batches, picks among options, published crossovers, kernels others timed, bands.</summary>
internal static class FurtherChecks
{
    public static void Write(IAnsiConsole console, string folder, HardwareProfile profile)
    {
        SpeculationTable.Write(console, folder, profile);
        IReadOnlyList<RankResult> batches = StaticBatchTable.Write(console, folder, profile);
        RankTable.Write(console, [.. batches, .. ServedRanks.Run(profile, EndToEndSample.Read(folder))]);
        CrossoverTable.Write(console, profile);
        SecondOpinionTable.Write(console, folder, profile);
        CoverageTable.Write(console, folder, profile);
        AgreementTable.Write(console, folder, profile);
    }
}
