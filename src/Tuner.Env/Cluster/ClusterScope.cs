using Tuner.Env.Measurement;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;

namespace Tuner.Env.Cluster;

/// <summary>What all replicas of a cluster share.</summary>
/// <param name="Scenario">The cluster.</param>
/// <param name="Trace">The arrivals.</param>
/// <param name="Collector">Adds up what they do.</param>
/// <param name="Seed">Decides the luck of drafts and the patience of clients.</param>
internal sealed record ClusterScope(Scenario Scenario, TrafficTrace Trace, WindowCollector Collector, ulong Seed)
{
    /// <summary>Holds outcomes against the promises.</summary>
    public ServiceObjectiveCheck Objective { get; } = new(Scenario.Objective);

    /// <summary>Sees what happens; may be null.</summary>
    public IClusterObserver? Observer { get; set; }

    /// <summary>Replicas built so far.</summary>
    public int ReplicasBuilt { get; set; }

    /// <summary>Most decode steps taken at once: 1 takes each by itself, for comparison.</summary>
    public int LongestRun { get; set; } = int.MaxValue;

    /// <summary>Output tokens a client reads before it breaks off, and whether it does.</summary>
    public (int Tokens, bool BreaksOff) Reads(int request)
    {
        int output = Trace.OutputTokens[request];
        if (Scenario.Clients.CancelShare <= 0)
            return (output, false);
        double u = Uniform(request);
        double share = u / Scenario.Clients.CancelShare; // uniform again, given that it breaks off
        return share < 1 ? (Math.Max(1, (int)Math.Ceiling(share * output)), true) : (output, false);
    }

    /// <summary>When a client gives up.</summary>
    public double Deadline(double arrival, bool hasFirstToken)
    {
        ClientSpec clients = Scenario.Clients;
        return arrival + (hasFirstToken ? clients.TimeoutSeconds : Math.Min(clients.FirstTokenPatienceSeconds, clients.TimeoutSeconds));
    }

    private double Uniform(int request)
    {
        ulong z = Seed ^ ((ulong)(uint)request * 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
