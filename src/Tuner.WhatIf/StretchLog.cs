using Tuner.Env.Cluster;
using Tuner.Env.Measurement;
using Tuner.Env.Traffic;

namespace Tuner.WhatIf;

/// <summary>Measures what the requests of a stretch met with.</summary>
/// <param name="trace">The trace.</param>
/// <param name="from">First request measured, by index.</param>
/// <param name="to">The one after the last.</param>
internal sealed class StretchLog(TrafficTrace trace, int from, int to) : IOutcomeSink, IClusterObserver
{
    private readonly double[] firstTokens = Unknown(to - from);
    private readonly List<double> tpot = [];
    private int met;
    private int completed;
    private double loss;

    /// <summary>Share that met both promises; what had not ended has not.</summary>
    public double Attainment => to > from ? (double)met / (to - from) : 1;

    /// <summary>Mean quality loss of the completed, points.</summary>
    public double QualityLoss => completed > 0 ? loss / completed : 0;

    /// <summary>90th percentile of the time per output token of the completed, seconds.</summary>
    public double TpotP90 => P90(tpot);

    /// <summary>90th percentile of the time to first token, seconds; what has waited until the end counts with that.</summary>
    /// <param name="end">When measuring ended.</param>
    public double TtftP90(double end) => P90([.. firstTokens.Select((at, i) => (double.IsNaN(at) ? end : at) - trace.Arrivals[from + i])]);

    /// <inheritdoc/>
    public void Add(in RequestOutcome outcome)
    {
        if (outcome.Request < from || outcome.Request >= to)
            return;
        if (outcome.Met)
            met++;
        if (!outcome.Completed)
            return;
        completed++;
        loss += outcome.QualityLoss;
        if (outcome.OutputTokens > 1)
            tpot.Add(outcome.TpotSeconds);
    }

    /// <inheritdoc/>
    public void Happened(in RequestEvent happening)
    {
        if (happening.Kind == RequestEventKind.FirstToken && happening.Request >= from && happening.Request < to)
            firstTokens[happening.Request - from] = happening.Seconds;
    }

    /// <inheritdoc/>
    public void Built(in ReplicaRecord replica)
    {
    }

    /// <inheritdoc/>
    public void Retired(int replica, double seconds)
    {
    }

    /// <inheritdoc/>
    public void Changed(in ChangeRecord change)
    {
    }

    /// <inheritdoc/>
    public void Stepped(in StepRecord step)
    {
    }

    /// <inheritdoc/>
    public void Paused(in PauseRecord pause)
    {
    }

    private static double[] Unknown(int count)
    {
        var values = new double[count];
        Array.Fill(values, double.NaN);
        return values;
    }

    private static double P90(IReadOnlyCollection<double> values)
        => values.Count == 0 ? 0 : values.Order().ElementAt((int)(0.9 * (values.Count - 1)));
}
