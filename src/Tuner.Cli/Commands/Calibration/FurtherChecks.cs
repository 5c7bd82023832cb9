using Spectre.Console;
using Tuner.Env.Costs;

namespace Tuner.Cli.Commands.Calibration;

/// <summary>Prints what else was measured and is compared with predictions: speculation, static batches, published crossovers, bands.</summary>
internal static class FurtherChecks
{
    public static void Write(IAnsiConsole console, string folder, HardwareProfile profile)
    {
        SpeculationTable.Write(console, folder, profile);
    }
}
