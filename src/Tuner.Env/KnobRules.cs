using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env;

/// <summary>What may be turned now: what fits, what the ladders have, what the quality budget still allows, what a cool-down forbids.</summary>
/// <remarks>Not thread-safe: what fits is remembered as it is asked.</remarks>
/// <param name="scenario">The scenario.</param>
/// <param name="layoutCooldownSeconds">Least time between two changes of layout.</param>
public sealed class KnobRules(Scenario scenario, double layoutCooldownSeconds = 60)
{
    private readonly FitTable fits = new(scenario);

    /// <summary>The mask for the coming decision.</summary>
    /// <param name="current">Settings in force.</param>
    /// <param name="window">The window that just ended.</param>
    /// <param name="secondsSinceLayoutChange">Time since the layout last changed; infinity if never.</param>
    public KnobMask Mask(in KnobSettings current, in WindowMetrics window, double secondsSinceLayoutChange = double.PositiveInfinity)
    {
        KnobMask mask = KnobMask.None;
        bool budgetSpent = BudgetSpent(window);
        for (int mode = 0; mode < 4; mode++)
        {
            bool stays = mode == (int)current.Parallelism;
            mask = mask.With(Knob.Parallelism, mode, stays || (secondsSinceLayoutChange >= layoutCooldownSeconds && fits.Fits(current with { Parallelism = (ParallelismMode)mode })));
        }

        bool fp4 = current.Precision == PrecisionMode.Fp8Fp4;
        bool lossyAllowed = !budgetSpent;
        mask = Pair(mask, Knob.Precision, fp4, fits.Fits(current with { Precision = PrecisionMode.Fp8 }), lossyAllowed && fits.Fits(current with { Precision = PrecisionMode.Fp8Fp4 }), budgetSpent && scenario.Quality.Fp4Loss > 0);
        mask = Pair(mask, Knob.KvCompression, current.KvCompression, fits.Fits(current with { KvCompression = false }), lossyAllowed, budgetSpent && scenario.Quality.KvCompressionLoss > 0);
        mask = Pair(mask, Knob.Speculation, current.Speculation, true, scenario.Drafts.Count > 0 && fits.Fits(current with { Speculation = true }), false);
        mask = Pair(mask, Knob.KvPrefetch, current.KvPrefetch, true, true, false);
        mask = Ladder(mask, Knob.MaxBatch, current.MaxBatchLevel, scenario.Knobs.BatchLadder.Count);
        mask = Ladder(mask, Knob.BatchWait, current.BatchWaitLevel, scenario.Knobs.BatchWaitLadder.Count);
        return Ladder(mask, Knob.Draft, current.DraftLevel, current.Speculation ? scenario.Drafts.Count : 1);
    }

    /// <summary>The settings nearest to those wanted that can run: what does not fit together is taken back, costliest change last.</summary>
    public KnobSettings Resolve(in KnobSettings current, in KnobSettings wanted)
    {
        if (fits.Fits(wanted))
            return wanted;
        KnobSettings tried = wanted with { DraftLevel = current.DraftLevel, Speculation = current.Speculation };
        if (fits.Fits(tried))
            return tried;
        tried = tried with { MaxBatchLevel = current.MaxBatchLevel, KvCompression = current.KvCompression };
        if (fits.Fits(tried))
            return tried;
        tried = tried with { Precision = current.Precision };
        return fits.Fits(tried) ? tried : current;
    }

    /// <summary>A wish as far as the mask allows it: a forbidden layout stays as it is, and of two values a forbidden one gives way to the other.</summary>
    /// <param name="wanted">The wish.</param>
    /// <param name="current">Settings in force.</param>
    /// <param name="mask">What is allowed.</param>
    /// <param name="pairs">The two-valued knobs to look at.</param>
    internal static KnobSettings Allowed(KnobSettings wanted, in KnobSettings current, in KnobMask mask, ReadOnlySpan<Knob> pairs)
    {
        if (!mask.Allows(Knob.Parallelism, (int)wanted.Parallelism))
            wanted = wanted with { Parallelism = current.Parallelism };
        foreach (Knob knob in pairs)
        {
            if (!mask.Allows(knob, wanted[knob]))
                wanted = wanted.With(knob, 1 - wanted[knob]);
        }

        return wanted;
    }

    private bool BudgetSpent(in WindowMetrics window) => window.QualityBalance <= 0 && (window.QualityBalance < 0 || scenario.Quality.Budget <= 0);

    private static KnobMask Pair(KnobMask mask, Knob knob, bool isOn, bool mayBeOff, bool mayBeOn, bool mustLeave)
    {
        bool off = !isOn || mayBeOff;
        bool on = isOn ? !(mustLeave && mayBeOff) : mayBeOn;
        return mask.With(knob, 0, off).With(knob, 1, on);
    }

    private static KnobMask Ladder(KnobMask mask, Knob knob, int level, int count)
        => mask.With(knob, (int)LadderMove.Down, level > 0 && count > 1)
            .With(knob, (int)LadderMove.Keep, true)
            .With(knob, (int)LadderMove.Up, level < count - 1);
}
