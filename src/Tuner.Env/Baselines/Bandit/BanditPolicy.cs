using Tuner.Env.Rewards;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Baselines.Bandit;

/// <summary>A contextual bandit: for each setting a linear guess at what it pays in the traffic seen, and the one chosen that may pay most.</summary>
/// <remarks>
/// LinUCB with disjoint arms (Li, Chu, Langford and Schapire 2010). A setting is kept for half a minute, so that what it does shows; what it paid
/// is the reward of the later windows of that time. It goes on learning while it serves, and every run begins with what training taught.
/// </remarks>
public sealed class BanditPolicy : ITuningPolicy
{
    private const int Dwell = 3;
    private const int Settling = 1;

    private readonly BanditArms taught;
    private readonly double curiosity;
    private readonly double[] context = new double[BanditContext.Size];
    private BanditArms arms;
    private int chosen = -1;
    private int lived;
    private double reward;
    private double arrivals;

    /// <param name="arms">What it chooses from and has learned; not changed.</param>
    /// <param name="curiosity">How many widths of doubt a setting is credited with.</param>
    public BanditPolicy(BanditArms arms, double curiosity)
    {
        (taught, this.curiosity) = (arms, curiosity);
        this.arms = arms.Copy();
    }

    /// <inheritdoc/>
    public string Name => "bandit";

    /// <summary>What it has learned so far.</summary>
    internal BanditArms Learned => arms;

    /// <inheritdoc/>
    public void Reset()
    {
        arms = taught.Copy();
        (chosen, lived, reward, arrivals) = (-1, 0, 0, 0);
    }

    /// <inheritdoc/>
    public KnobSettings Decide(in WindowMetrics window, in KnobSettings current, in KnobMask mask)
    {
        const double Smoothing = 0.05;
        arrivals = arrivals == 0 ? Math.Max(1, window.Arrived) : arrivals + (Smoothing * (window.Arrived - arrivals));
        lived++;
        if (lived > Settling)
            reward += Reward.Of(window, arms.Scenario.Objective, Math.Max(1, arrivals), arms.Rewards).Total;
        if (chosen >= 0 && lived < Dwell)
            return Allowed(chosen, current, mask);
        if (chosen >= 0)
            arms.Learn(chosen, context, reward / (lived - Settling));
        BanditContext.Write(window, arms.Scenario, context);
        chosen = arms.Best(context, curiosity);
        (lived, reward) = (0, 0);
        return Allowed(chosen, current, mask);
    }

    private KnobSettings Allowed(int arm, in KnobSettings current, in KnobMask mask) => KnobRules.Allowed(arms.Settings[arm], current, mask, BanditArms.Lossy);
}
