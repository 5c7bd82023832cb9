using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Baselines.LookAhead;

/// <summary>Tries settings on copies of the cluster, arrivals to come included, and takes what does best: a policy that knows the near future.</summary>
/// <remarks>
/// A rollout policy (Bertsekas, Tsitsiklis and Wu 1997): each candidate is held over the horizon, the first window of the best is lived, and
/// the question is put again. Quality has a price that rises as savings fall.
/// </remarks>
/// <param name="options">How far it looks and what it tries.</param>
public sealed class LookAheadPolicy(LookAheadOptions options) : ITuningPolicy, ISeesCluster
{
    private const double LatencyPrice = 1e-3; // promises a second of mean latency is worth: it breaks ties

    private static readonly Knob[] Lossy = [Knob.Precision, Knob.KvCompression];

    private readonly OutcomeTally tally = new();
    private readonly double[] values = new double[options.Candidates.Count + 1];
    private ServingCluster? live;
    private ServingCluster? scratch;

    /// <inheritdoc/>
    public string Name => "look-ahead";

    /// <summary>How much lay between the best and the worst of what was tried at the last decision, as a share of the requests that ended.</summary>
    public double LastStake { get; private set; }

    /// <inheritdoc/>
    public void Reset() => live = null;

    /// <inheritdoc/>
    public void Attach(ServingCluster cluster, Func<ServingCluster> fresh)
    {
        (live, scratch) = (cluster, fresh());
        scratch.Sink = tally;
    }

    /// <inheritdoc/>
    public KnobSettings Decide(in WindowMetrics window, in KnobSettings current, in KnobMask mask)
    {
        double price = options.QualityPrice(window.QualityBalance);
        KnobSettings best = KnobRules.Allowed(current, current, mask, Lossy);
        double most = values[0] = Try(best, price, out double ended);
        double bar = options.Margin * ended;
        for (int i = 0; i < options.Candidates.Count; i++)
        {
            KnobSettings candidate = KnobRules.Allowed(options.Candidates[i], current, mask, Lossy);
            double value = values[i + 1] = candidate == best && i > 0 ? most : Try(candidate, price, out _);
            if (value > most + bar)
                (most, best, bar) = (value, candidate, 0);
        }

        LastStake = (most - values.Min()) / Math.Max(1, ended);
        return best;
    }

    private double Try(in KnobSettings settings, double price, out double ended)
    {
        if (live is null || scratch is null)
            throw new InvalidOperationException("A policy that looks ahead has to be shown the cluster first.");
        scratch.CopyFrom(live);
        tally.Clear();
        scratch.Change(settings);
        scratch.Advance(scratch.NowSeconds + (options.Horizon * options.WindowSeconds));
        ended = tally.Ended;
        (int waiting, _, _) = scratch.Gauges;
        return tally.Met - (price * tally.Loss) - (options.WaitingPrice * waiting) - (LatencyPrice * tally.LatencySeconds);
    }
}
