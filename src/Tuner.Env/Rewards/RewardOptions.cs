namespace Tuner.Env.Rewards;

/// <summary>Weights of the reward's terms. A request that meets both promises is worth 1.</summary>
public sealed class RewardOptions
{
    /// <summary>What a request that breaks a promise costs.</summary>
    /// <value>2 by default: with a target of 90 % a miss must weigh more than a hit.</value>
    public double MissWeight { get; set; } = 2;

    /// <summary>What a request waiting at the end of a window costs, up to a window's worth of requests.</summary>
    public double WaitingWeight { get; set; } = 0.5;

    /// <summary>What a point of quality costs while plenty is saved, in promises kept.</summary>
    /// <value>0.08 by default: a lossy setting of 0.5 points pays from 4 % more promises kept. With less, savings are spent on small gains before the peak comes.</value>
    public double PlentyQualityPrice { get; set; } = 0.08;

    /// <summary>What it costs when nothing is saved.</summary>
    /// <value>0.4 by default: the same setting pays from 20 %.</value>
    public double ScarceQualityPrice { get; set; } = 0.4;

    /// <summary>How much is plenty, in windows' worth of budget.</summary>
    /// <value>20 by default: a burst of a minute at three times the load, spent on FP4, uses about as much.</value>
    public double PlentyWindows { get; set; } = 20;

    /// <summary>With how much saved quality costs nothing any more, in windows' worth of budget; not above <see cref="PlentyWindows"/> for a price that stays.</summary>
    /// <value>300 by default: fifty minutes of budget, more than a peak uses. What is left at the end of a day is lost, and small gains are better than none.</value>
    public double AbundantWindows { get; set; } = 300;

    /// <summary>What a whole window lost to changes of settings costs, beside the requests it harms.</summary>
    public double SwitchWeight { get; set; } = 0.5;

    /// <summary>What a median latency at its promise costs, against one of zero.</summary>
    public double LatencyWeight { get; set; } = 0.1;

    /// <summary>What a point of quality costs now, in promises kept.</summary>
    /// <remarks>
    /// The budget binds the mean over a run, and what is saved at its end is worth nothing. A price that rises as savings fall
    /// keeps to such a bound without knowing the traffic to come (drift plus penalty; Neely 2010).
    /// </remarks>
    /// <param name="savedWindows">What is saved, in windows' worth of budget.</param>
    public double QualityPrice(double savedWindows)
    {
        if (savedWindows < PlentyWindows)
            return ScarceQualityPrice + ((PlentyQualityPrice - ScarceQualityPrice) * Math.Max(0, savedWindows / PlentyWindows));
        return AbundantWindows > PlentyWindows ? PlentyQualityPrice * Math.Max(0, (AbundantWindows - savedWindows) / (AbundantWindows - PlentyWindows)) : PlentyQualityPrice;
    }
}
