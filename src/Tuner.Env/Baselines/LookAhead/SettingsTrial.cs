using Tuner.Env.Cluster;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Baselines.LookAhead;

/// <summary>Tries settings on copies of a cluster, each held over the horizon, and chooses what does best.</summary>
/// <remarks>A rollout (Bertsekas, Tsitsiklis and Wu 1997). Quality has a price that rises as savings fall.</remarks>
/// <param name="options">How far it looks and what it tries.</param>
internal sealed class SettingsTrial(LookAheadOptions options)
{
    private const double LatencyPrice = 1e-3; // promises a second of mean latency is worth: it breaks ties

    private static readonly Knob[] Lossy = [Knob.Precision, Knob.KvCompression];

    private readonly OutcomeTally tally = new();
    private readonly KnobSettings[] tried = new KnobSettings[options.Candidates.Count + 1];
    private readonly double[] values = new double[options.Candidates.Count + 1];
    private readonly double[] regrets = new double[options.Candidates.Count + 1];

    /// <summary>What was tried last: holding still, then each candidate as far as it was allowed.</summary>
    public IReadOnlyList<KnobSettings> Tried => tried;

    /// <summary>By how much each of them was worse than the best, in promises kept, as a share of the requests that ended.</summary>
    public IReadOnlyList<double> Regrets => regrets;

    /// <summary>Chooses.</summary>
    /// <param name="live">The cluster, as it is before the choice; it is copied and not touched.</param>
    /// <param name="scratch">A cluster of the same scenario and arrivals to try on.</param>
    /// <param name="window">The window that ended.</param>
    /// <param name="current">Settings in force.</param>
    /// <param name="mask">What is allowed.</param>
    public KnobSettings Choose(ServingCluster live, ServingCluster scratch, in WindowMetrics window, in KnobSettings current, in KnobMask mask)
    {
        scratch.Sink = tally;
        double price = options.QualityPrice(window.QualityBalance);
        KnobSettings best = tried[0] = KnobRules.Allowed(current, current, mask, Lossy);
        double most = values[0] = Try(live, scratch, best, price, out double ended);
        double bar = options.Margin * ended;
        for (int i = 0; i < options.Candidates.Count; i++)
        {
            KnobSettings candidate = tried[i + 1] = KnobRules.Allowed(options.Candidates[i], current, mask, Lossy);
            double value = values[i + 1] = candidate == best && i > 0 ? most : Try(live, scratch, candidate, price, out _);
            if (value > most + bar)
                (most, best, bar) = (value, candidate, 0);
        }

        double highest = values.Max();
        for (int i = 0; i < values.Length; i++)
            regrets[i] = (highest - values[i]) / Math.Max(1, ended);
        return best;
    }

    private double Try(ServingCluster live, ServingCluster scratch, in KnobSettings settings, double price, out double ended)
    {
        scratch.CopyFrom(live);
        tally.Clear();
        scratch.Change(settings);
        scratch.Advance(scratch.NowSeconds + (options.Horizon * options.WindowSeconds));
        ended = tally.Ended;
        (int waiting, _, _) = scratch.Gauges;
        return tally.Met - (price * tally.Loss) - (options.WaitingPrice * waiting) - (LatencyPrice * tally.LatencySeconds);
    }
}
