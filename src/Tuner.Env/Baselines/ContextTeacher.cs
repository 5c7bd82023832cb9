using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines;

/// <summary>Knows which settings suit a context, and asks for a change of layout only where it pays.</summary>
/// <param name="Options">One for each layout worth considering; at least one.</param>
public sealed record ContextTeacher(IReadOnlyList<ContextOption> Options)
{
    /// <summary>What another layout must gain, in promises kept: changing costs seconds, and what it gains was measured with noise.</summary>
    private const double LayoutMargin = 0.015;

    private const double LeastWeight = 0.1;
    private const double MostWeight = 4;
    private const double WeightPerGain = 20;

    /// <summary>How much it matters to do as this teacher says.</summary>
    /// <remarks>
    /// Contexts that look alike may want different settings, gently in one and urgently in another; examples weighted by what
    /// is lost otherwise make the classifier choose what costs least (cost-sensitive classification; Zadrozny, Langford and
    /// Abe 2003).
    /// </remarks>
    public double Weight
    {
        get
        {
            double[] ranked = [.. Options.Select(option => option.ScarceValue).OrderDescending()];
            double layouts = ranked.Length > 1 ? ranked[0] - ranked[1] : 0;
            double quality = Options.Max(option => option.PlentyValue - option.ScarceValue);
            return Math.Clamp(WeightPerGain * Math.Max(layouts, quality), LeastWeight, MostWeight);
        }
    }

    /// <summary>The settings to head for.</summary>
    /// <param name="current">Settings in force.</param>
    /// <param name="spending">Whether quality may be spent.</param>
    public KnobSettings Want(in KnobSettings current, bool spending)
    {
        KnobSettings wanted = current;
        double best = double.NegativeInfinity;
        foreach (ContextOption option in Options)
        {
            double value = (spending ? option.PlentyValue : option.ScarceValue) + (option.Scarce.Parallelism == current.Parallelism ? LayoutMargin : 0);
            if (value > best)
                (best, wanted) = (value, spending ? option.Plenty : option.Scarce);
        }

        return wanted;
    }
}
