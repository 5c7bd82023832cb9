using Tuner.Env.Measurement;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Cluster;

/// <summary>A simulated GPU cluster that serves a trace: replicas behind a router, with settings that can change while it runs.</summary>
/// <remarks>
/// Event-driven and deterministic: a run is a function of the scenario, the trace, the settings it is given and the seed. Not thread-safe.
/// </remarks>
public sealed class ServingCluster
{
    private readonly Scenario scenario;
    private readonly EngineCostCache costs;
    private readonly TrafficTrace trace;
    private readonly ClusterScope scope;
    private readonly WindowCollector collector;
    private readonly Fleet fleet;
    private readonly Queue<int> outside = new(); // requests clients hold back, at their limit
    private readonly double startSeconds;
    private int next;
    private double windowStart;
    private double layoutChanged = double.NegativeInfinity;

    /// <summary>Starts an empty cluster.</summary>
    /// <param name="scenario">The cluster.</param>
    /// <param name="costs">Times its engines; may be shared between clusters of one scenario.</param>
    /// <param name="trace">The arrivals.</param>
    /// <param name="settings">The settings to begin with.</param>
    /// <param name="startSeconds">Where in the trace to begin.</param>
    /// <param name="seed">Decides the luck of drafts and which clients break off.</param>
    /// <exception cref="ArgumentException">The settings do not fit the cluster.</exception>
    public ServingCluster(Scenario scenario, EngineCostCache costs, TrafficTrace trace, in KnobSettings settings, double startSeconds = 0, ulong seed = 0)
    {
        this.scenario = scenario;
        RequireFit(settings);
        this.costs = costs;
        this.trace = trace;
        this.startSeconds = startSeconds;
        collector = new WindowCollector(scenario);
        scope = new ClusterScope(scenario, trace, collector, seed);
        Settings = settings;
        next = trace.FirstAtOrAfter(startSeconds);
        fleet = new Fleet(costs, scope, settings);
    }

    /// <summary>The settings in force, or under way while replicas change one after another.</summary>
    public KnobSettings Settings { get; private set; }

    /// <summary>Simulated time since the start, seconds.</summary>
    public double NowSeconds { get; private set; }

    /// <summary>The arrivals, those to come included.</summary>
    internal TrafficTrace Trace => trace;

    /// <summary>What times its engines.</summary>
    internal EngineCostCache Costs => costs;

    /// <summary>Requests that have arrived and have not ended.</summary>
    public int InFlight => fleet.InFlight + outside.Count;

    /// <summary>Whether every arrival has been taken in.</summary>
    public bool ArrivalsDone => next >= trace.Count;

    /// <summary>Whether replicas are still changing to <see cref="Settings"/>.</summary>
    public bool IsChanging => fleet.IsChanging;

    /// <summary>Changes of settings so far.</summary>
    public int Switches => collector.TotalSwitches;

    /// <summary>Time since the layout last changed; infinity if it never has.</summary>
    public double SecondsSinceLayoutChange => NowSeconds - layoutChanged;

    /// <summary>Engine steps executed so far, over all replicas.</summary>
    public long EngineSteps => collector.EngineSteps;

    /// <summary>Energy of the windows read out so far, joules.</summary>
    public double TotalJoules => collector.TotalJoules;

    /// <summary>Output tokens of the windows read out so far.</summary>
    public double TotalOutputTokens => collector.TotalOutputTokens;

    /// <summary>Quality saved before the start, in windows' worth of budget: a run that begins in the middle of a day.</summary>
    public double SavedQualityWindows { get => collector.SavedWindows; init => collector.SavedWindows = value; }

    /// <summary>Receives what becomes of each request.</summary>
    public IOutcomeSink? Sink { get => collector.Sink; set => collector.Sink = value; }

    /// <summary>Sees what happens, as it happens.</summary>
    public IClusterObserver? Observer
    {
        get => scope.Observer;
        set
        {
            scope.Observer = value;
            if (value is not null)
                fleet.Introduce(value);
        }
    }

    /// <summary>Most decode steps taken at once; 1 takes each by itself, with the same outcome.</summary>
    internal int LongestRun { get => scope.LongestRun; set => scope.LongestRun = value; }

    /// <summary>Requests waiting and running now, and the mean share of KV blocks in use.</summary>
    public (int Waiting, int Running, double KvUse) Gauges => fleet.Gauges;

    /// <summary>Runs to an instant.</summary>
    /// <param name="untilSeconds">Simulated time since the start; not before now.</param>
    public void Advance(double untilSeconds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(untilSeconds, NowSeconds);
        ReadOnlySpan<double> arrivals = trace.Arrivals;
        while (true)
        {
            double arrival = next < arrivals.Length ? arrivals[next] - startSeconds : double.PositiveInfinity;
            double until = Math.Min(arrival, untilSeconds);

            // Only a change under way and clients at their limit tie replicas together between arrivals.
            if ((fleet.IsChanging || outside.Count > 0) && fleet.NextEvent <= until)
            {
                double now = fleet.NextEvent;
                fleet.AdvanceTo(now);
                LetIn(now);
                continue;
            }

            if (!(arrival < untilSeconds))
                break;
            fleet.AdvanceTo(arrival);
            collector.Arrived(trace.PromptTokens[next]);
            if (outside.Count > 0 || fleet.InFlight >= scenario.Clients.MaxInFlight)
                outside.Enqueue(next);
            else
                fleet.Take(next, arrival, arrival);
            next++;
        }

        fleet.Settle(untilSeconds);
        NowSeconds = untilSeconds;
    }

    /// <summary>Reads out the window since the last read-out.</summary>
    public WindowMetrics TakeWindow()
    {
        (int waiting, int running, double kvUse) = fleet.Gauges;
        WindowMetrics metrics = collector.Take(Math.Max(1e-9, NowSeconds - windowStart), NowSeconds, fleet.Count, waiting, running, kvUse, fleet.QualityLoss);
        windowStart = NowSeconds;
        return metrics;
    }

    /// <summary>Changes settings now; what that costs unfolds in simulated time.</summary>
    /// <exception cref="ArgumentException">The settings do not fit the cluster.</exception>
    public void Change(in KnobSettings to)
    {
        if (to == Settings)
            return;
        RequireFit(to);
        scope.Observer?.Changed(new ChangeRecord(NowSeconds, Settings, to));
        if (to.Parallelism != Settings.Parallelism)
            layoutChanged = NowSeconds;
        Settings = to;
        collector.TotalSwitches++;
        collector.LastSwitchSeconds = NowSeconds;
        fleet.Change(to, NowSeconds);
        LetIn(NowSeconds); // steps were brought to their ends for the change, and requests with them
    }

    /// <summary>Becomes a copy of another cluster: from here on both live the same, each by itself. Sink and observer stay its own.</summary>
    /// <param name="other">A cluster made with the same costs, trace and start.</param>
    /// <exception cref="ArgumentException">The other serves something else.</exception>
    public void CopyFrom(ServingCluster other)
    {
        if (!ReferenceEquals(costs, other.costs) || !ReferenceEquals(trace, other.trace) || startSeconds != other.startSeconds || scope.Seed != other.scope.Seed)
            throw new ArgumentException("Only a cluster made with the same costs, trace, start and seed can be copied.", nameof(other));
        (Settings, NowSeconds, next, windowStart, layoutChanged, scope.ReplicasBuilt) = (other.Settings, other.NowSeconds, other.next, other.windowStart, other.layoutChanged, other.scope.ReplicasBuilt);
        collector.CopyFrom(other.collector);
        fleet.CopyFrom(other.fleet);
        outside.Clear();
        foreach (int request in other.outside)
            outside.Enqueue(request);
    }

    /// <summary>Throws when the books do not balance: for tests, after every event.</summary>
    /// <exception cref="InvalidOperationException">A count contradicts another.</exception>
    public void CheckInvariants() => fleet.CheckInvariants();

    private void LetIn(double now)
    {
        while (outside.Count > 0 && fleet.InFlight < scenario.Clients.MaxInFlight)
        {
            int request = outside.Dequeue();
            fleet.Take(request, trace.Arrivals[request] - startSeconds, now);
        }
    }

    private void RequireFit(in KnobSettings settings)
    {
        if (!scenario.Fits(settings))
            throw new ArgumentException($"{KnobText.Write(scenario.Knobs, settings)} does not fit {scenario.Name}.", nameof(settings));
    }
}
