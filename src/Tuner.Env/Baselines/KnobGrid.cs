using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines;

/// <summary>Every fixed setting worth trying.</summary>
public static class KnobGrid
{
    /// <summary>Every combination of layout, precision, batch rung, KV format and draft that fits; no batch wait, no prefetch.</summary>
    public static IEnumerable<KnobSettings> Of(Scenario scenario)
    {
        foreach (ParallelismMode mode in Enum.GetValues<ParallelismMode>())
        foreach (PrecisionMode precision in Enum.GetValues<PrecisionMode>())
        for (int batch = 0; batch < scenario.Knobs.BatchLadder.Count; batch++)
        foreach (bool compressed in new[] { false, true })
        for (int draft = -1; draft < scenario.Drafts.Count; draft++)
        {
            var settings = new KnobSettings(mode, precision, batch, 0, compressed, draft >= 0, Math.Max(0, draft), false);
            if (scenario.Fits(settings))
                yield return settings;
        }
    }

    /// <summary>The setting in every layout that fits.</summary>
    public static IEnumerable<KnobSettings> Layouts(Scenario scenario, KnobSettings settings)
        => Enum.GetValues<ParallelismMode>().Select(mode => settings with { Parallelism = mode }).Where(each => scenario.Fits(each));

    /// <summary>A setting with lossy formats switched on: four-bit weights, a compressed KV cache, both; those that differ and fit.</summary>
    public static IEnumerable<KnobSettings> Lossier(Scenario scenario, KnobSettings settings)
        => new[]
        {
            settings with { Precision = PrecisionMode.Fp8Fp4 },
            settings with { KvCompression = true },
            settings with { Precision = PrecisionMode.Fp8Fp4, KvCompression = true },
        }.Where(lossy => lossy != settings && scenario.Fits(lossy));

    /// <summary>What a careful operator would switch to at the peak: lossy formats, and larger batches with them; those that fit.</summary>
    public static IEnumerable<KnobSettings> ForThePeak(Scenario scenario, KnobSettings settings)
        => Lossier(scenario, settings)
            .SelectMany(lossy => new[] { lossy, lossy with { MaxBatchLevel = Math.Min(scenario.Knobs.BatchLadder.Count - 1, lossy.MaxBatchLevel + 2) } })
            .Where(each => scenario.Fits(each));
}
