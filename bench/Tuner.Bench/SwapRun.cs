using System.Globalization;
using Tuner.Kernels.Tests.Swapping.Stress;

namespace Tuner.Bench;

/// <summary>Kernels swapped, promoted and rolled back under threads that never pause; prints what was counted.</summary>
internal static class SwapRun
{
    /// <summary>Runs.</summary>
    /// <param name="duration">For how long.</param>
    /// <returns>0 when nothing went wrong, else 1.</returns>
    public static int Run(TimeSpan duration)
    {
        int threads = Math.Max(4, 2 * Environment.ProcessorCount);
        using var stress = new SwapStress();
        SwapStressResult result = stress.Run(threads, duration, seed: 1);
        Say("threads on processors", $"{threads} on {Environment.ProcessorCount}");
        Say("steps, calls", string.Create(CultureInfo.InvariantCulture, $"{result.Steps:#,0}, {result.Calls:#,0}"));
        Say("kernels swapped in, good candidates promoted", $"{result.Swaps}, {result.Promoted}");
        Say("good candidates rolled back as slow", $"{result.GoodRolledBack}");
        foreach ((StampFault fault, int count) in result.RolledBack.OrderBy(pair => pair.Key))
            Say($"rolled back: {fault}", $"{count}, within {result.WorstCalls[fault]} calls at most ({result.AllowedCalls[fault]} allowed)");
        Say("bad candidates promoted", $"{result.Survivors}");
        Say("torn, wrong or not finite outputs callers got", $"{result.BadOutputs}");
        Say("exceptions callers got", $"{result.Exceptions}");
        Say("steps that changed kernel within", $"{result.MixedSteps}");
        Say("calls to kernels already let go", $"{result.UsedAfterDisposal}");
        Say("kernels never let go", $"{result.NotDisposed}");
        bool late = result.WorstCalls.Any(pair => pair.Value > result.AllowedCalls[pair.Key]);
        return result.BadOutputs + result.Exceptions + result.MixedSteps + result.UsedAfterDisposal + result.NotDisposed + result.Survivors > 0 || late ? 1 : 0;
    }

    private static void Say(string what, string value) => Console.WriteLine($"{what,-48} {value}");
}
