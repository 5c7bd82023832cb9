using Tuner.Env.Baselines.LookAhead;
using Tuner.Env.Cluster;

namespace Tuner.Env.Baselines.Foresight;

/// <summary>A cluster some way along a plan, and what has become of its requests so far.</summary>
internal sealed class Branch
{
    private readonly OutcomeTally tally = new();

    /// <summary>Creates a branch on a cluster of its own.</summary>
    public Branch(ServingCluster cluster)
    {
        Cluster = cluster;
        Cluster.Sink = tally;
    }

    /// <summary>The cluster.</summary>
    public ServingCluster Cluster { get; }

    /// <summary>The last step taken; null at the start.</summary>
    public OracleStep? Step { get; set; }

    /// <summary>What the branch promises, higher is better.</summary>
    public double Value { get; set; }

    /// <summary>Promises broken so far.</summary>
    public int Missed => tally.Ended - tally.Met;

    /// <summary>Becomes a copy of another branch.</summary>
    public void CopyFrom(Branch other)
    {
        Cluster.CopyFrom(other.Cluster);
        (tally.Ended, tally.Met, tally.Loss, tally.LatencySeconds) = (other.tally.Ended, other.tally.Met, other.tally.Loss, other.tally.LatencySeconds);
        Step = other.Step;
    }

    /// <summary>Serves on to an instant; the window read out and forgotten, so that copies stay small.</summary>
    public void Advance(double untilSeconds)
    {
        Cluster.Advance(untilSeconds);
        Cluster.TakeWindow();
    }

    /// <summary>
    /// Promises broken, quality at its price, queue and latency, as a loss with its sign turned. Requests that still run count as if they
    /// ended with what those before them met: a quick setting, with fewer under way, gains nothing by that alone.
    /// </summary>
    /// <param name="qualityPrice">Promises a point of quality costs.</param>
    /// <param name="settingsLoss">Loss of the settings in force, points.</param>
    /// <param name="waitingPrice">Broken promises a waiting request stands for.</param>
    public double Worth(double qualityPrice, double settingsLoss, double waitingPrice)
    {
        const double LatencyPrice = 1e-3; // promises a second of mean latency is worth: it breaks ties
        (int waiting, int running, _) = Cluster.Gauges;
        double latency = tally.LatencySeconds * (1 + ((waiting + running) / Math.Max(1.0, tally.Ended)));
        return -Missed - (qualityPrice * (tally.Loss + (settingsLoss * running))) - (waitingPrice * waiting) - (LatencyPrice * latency);
    }
}
