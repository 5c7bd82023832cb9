using Tuner.Env.Rewards;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines.Bandit;

/// <summary>The settings a bandit chooses from, and what it has learned of each.</summary>
public sealed class BanditArms
{
    internal static readonly Knob[] Lossy = [Knob.Precision, Knob.KvCompression];

    private readonly LinearArm[] arms;

    /// <summary>Arms that know nothing.</summary>
    /// <param name="scenario">The cluster.</param>
    /// <param name="settings">The settings; at least one.</param>
    /// <param name="rewards">What a window pays.</param>
    public BanditArms(Scenario scenario, IReadOnlyList<KnobSettings> settings, RewardOptions rewards)
        : this(scenario, settings, rewards, [.. settings.Select(_ => new LinearArm(BanditContext.Size))])
    {
    }

    private BanditArms(Scenario scenario, IReadOnlyList<KnobSettings> settings, RewardOptions rewards, LinearArm[] arms)
        => (Scenario, Settings, Rewards, this.arms) = (scenario, settings, rewards, arms);

    /// <summary>The settings.</summary>
    public IReadOnlyList<KnobSettings> Settings { get; }

    internal Scenario Scenario { get; }

    internal RewardOptions Rewards { get; }

    /// <summary>The same knowledge, to be learned on apart.</summary>
    internal BanditArms Copy() => new(Scenario, Settings, Rewards, [.. arms.Select(arm => arm.Copy())]);

    /// <summary>The arm that may pay most; the first of equals.</summary>
    internal int Best(ReadOnlySpan<double> context, double curiosity)
    {
        int best = 0;
        double most = double.NegativeInfinity;
        for (int i = 0; i < arms.Length; i++)
        {
            (double mean, double width) = arms[i].Expect(context);
            if (mean + (curiosity * width) > most)
                (best, most) = (i, mean + (curiosity * width));
        }

        return best;
    }

    internal void Learn(int arm, ReadOnlySpan<double> context, double reward) => arms[arm].Learn(context, reward);
}
