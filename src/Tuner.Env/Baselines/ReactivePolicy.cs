using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Baselines;

/// <summary>Two settings and a load threshold with hysteresis: what a careful operator would script.</summary>
/// <remarks>Leaves the busy setting early when the quality budget is spent, as the mask demands of every policy.</remarks>
/// <param name="calm">Settings below the threshold.</param>
/// <param name="busy">Settings above it.</param>
/// <param name="threshold">Arriving tokens a second (prompt and output) at which the busy setting begins.</param>
public sealed class ReactivePolicy(KnobSettings calm, KnobSettings busy, double threshold) : ITuningPolicy
{
    private const double Hysteresis = 0.9;
    private const double Smoothing = 0.5;

    private double load;
    private bool isBusy;

    /// <inheritdoc/>
    public string Name => "reactive";

    /// <summary>Settings below the threshold.</summary>
    public KnobSettings Calm => calm;

    /// <summary>Settings above the threshold.</summary>
    public KnobSettings Busy => busy;

    /// <summary>Arriving tokens a second at which the busy setting begins.</summary>
    public double Threshold => threshold;

    /// <summary>The load this policy watches: prompt tokens arriving a second.</summary>
    public static double LoadOf(in WindowMetrics window) => window.Arrived * window.MeanPromptTokens / Math.Max(window.Seconds, 1e-9);

    /// <inheritdoc/>
    public void Reset()
    {
        load = 0;
        isBusy = false;
    }

    /// <inheritdoc/>
    public KnobSettings Decide(in WindowMetrics window, in KnobSettings current, in KnobMask mask)
    {
        load += Smoothing * (LoadOf(window) - load);
        isBusy = load >= (isBusy ? Hysteresis * threshold : threshold);
        KnobSettings wanted = isBusy ? busy : calm;
        if (!mask.Allows(Knob.Precision, (int)wanted.Precision))
            wanted = wanted with { Precision = PrecisionMode.Fp8 };
        if (!mask.Allows(Knob.KvCompression, wanted.KvCompression ? 1 : 0))
            wanted = wanted with { KvCompression = !wanted.KvCompression };
        return mask.Allows(Knob.Parallelism, (int)wanted.Parallelism) ? wanted : wanted with { Parallelism = current.Parallelism };
    }
}
