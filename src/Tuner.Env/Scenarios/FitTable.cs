using Tuner.Policy.Knobs;

namespace Tuner.Env.Scenarios;

/// <summary>Answers <see cref="Scenario.Fits"/> from memory: masks ask it a dozen times a window, and a memory plan allocates.</summary>
/// <remarks>Filled as it is asked. Batch wait and prefetch take no part: they need no GPU memory. Not thread-safe.</remarks>
internal sealed class FitTable(Scenario scenario)
{
    private readonly bool?[] known = new bool?[4 * 2 * 2 * 2 * scenario.Knobs.BatchLadder.Count * Math.Max(1, scenario.Drafts.Count)];

    /// <summary>Whether the settings can run.</summary>
    public bool Fits(in KnobSettings settings)
    {
        int index = (int)settings.Parallelism;
        index = (2 * index) + (int)settings.Precision;
        index = (2 * index) + (settings.KvCompression ? 1 : 0);
        index = (2 * index) + (settings.Speculation ? 1 : 0);
        index = (scenario.Knobs.BatchLadder.Count * index) + settings.MaxBatchLevel;
        index = (Math.Max(1, scenario.Drafts.Count) * index) + settings.DraftLevel;
        return known[index] ??= scenario.Fits(settings);
    }
}
