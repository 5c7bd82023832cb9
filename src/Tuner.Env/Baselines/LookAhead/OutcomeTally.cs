using Tuner.Env.Measurement;

namespace Tuner.Env.Baselines.LookAhead;

/// <summary>Counts what becomes of requests.</summary>
internal sealed class OutcomeTally : IOutcomeSink
{
    /// <summary>Requests that ended.</summary>
    public int Ended { get; set; }

    /// <summary>Of them, those that met their promises.</summary>
    public int Met { get; set; }

    /// <summary>Quality lost on completed ones, points summed over requests.</summary>
    public double Loss { get; set; }

    /// <summary>Latency of completed ones, seconds summed over requests.</summary>
    public double LatencySeconds { get; set; }

    /// <inheritdoc/>
    public void Add(in RequestOutcome outcome)
    {
        Ended++;
        if (outcome.Met)
            Met++;
        if (!outcome.Completed)
            return;
        Loss += outcome.QualityLoss;
        LatencySeconds += outcome.LatencySeconds;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => (Ended, Met, Loss, LatencySeconds) = (0, 0, 0, 0);
}
