using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines.LookAhead;

/// <summary>How far a policy that tries settings on copies of the cluster looks, and what it tries.</summary>
public sealed record LookAheadOptions
{
    /// <summary>Settings tried at every decision, beside those in force.</summary>
    public required IReadOnlyList<KnobSettings> Candidates { get; init; }

    /// <summary>Windows each is tried for.</summary>
    public int Horizon { get; init; } = 9;

    /// <summary>Length of a window, seconds.</summary>
    public double WindowSeconds { get; init; } = 10;

    /// <summary>What a point of quality on one request costs, in promises kept, given the windows' worth of budget that is saved.</summary>
    public required Func<double, double> QualityPrice { get; init; }

    /// <summary>What a request left waiting at the end of the horizon costs, in promises kept: it stands for the promise it will probably break.</summary>
    public double WaitingPrice { get; init; } = 0.5;

    /// <summary>Promises kept by which a change must beat holding still, as a share of the requests that ended.</summary>
    public double Margin { get; init; } = 0.002;
}
