namespace Tuner.Env.Rewards;

/// <summary>Weights of the reward's terms. A request that meets both promises is worth 1.</summary>
public sealed class RewardOptions
{
    /// <summary>What a request that breaks a promise costs.</summary>
    /// <value>2 by default: with a target of 90 % a miss must weigh more than a hit.</value>
    public double MissWeight { get; set; } = 2;

    /// <summary>What a request waiting at the end of a window costs, up to a window's worth of requests.</summary>
    public double WaitingWeight { get; set; } = 0.5;

    /// <summary>What spending the whole quality budget in a window costs.</summary>
    public double QualityWeight { get; set; } = 0.15;

    /// <summary>What a whole window lost to changes of settings costs, beside the requests it harms.</summary>
    public double SwitchWeight { get; set; } = 0.5;

    /// <summary>What a median latency at its promise costs, against one of zero.</summary>
    public double LatencyWeight { get; set; } = 0.1;
}
