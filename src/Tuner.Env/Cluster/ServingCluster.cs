using Tuner.Env.Measurement;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Cluster;

/// <summary>A simulated GPU cluster that serves a trace: replicas behind a router, with settings that can change while it runs.</summary>
/// <remarks>Event-driven and deterministic: a run is a function of the scenario, the trace and the settings it is given. Not thread-safe.</remarks>
public sealed class ServingCluster
{
    /// <summary>A replica holding a longer prefix is preferred unless it is this many requests busier than the least busy.</summary>
    private const int AffinitySlack = 8;

    private readonly Scenario scenario;
    private readonly EngineCostCache costs;
    private readonly TrafficTrace trace;
    private readonly WindowCollector collector;
    private readonly ServiceObjectiveCheck objective;
    private readonly List<WaitingRequest> moving = [];
    private readonly double startSeconds;
    private Replica[] replicas = [];
    private int next;
    private int turn;
    private double windowStart;

    /// <summary>Starts an empty cluster.</summary>
    /// <param name="scenario">The cluster.</param>
    /// <param name="costs">Times its engines; may be shared between clusters of one scenario.</param>
    /// <param name="trace">The arrivals.</param>
    /// <param name="settings">The settings to begin with.</param>
    /// <param name="startSeconds">Where in the trace to begin.</param>
    /// <exception cref="ArgumentException">The settings do not fit the cluster.</exception>
    public ServingCluster(Scenario scenario, EngineCostCache costs, TrafficTrace trace, in KnobSettings settings, double startSeconds = 0)
    {
        if (!scenario.Fits(settings))
            throw new ArgumentException($"{KnobText.Write(scenario.Knobs, settings)} does not fit {scenario.Name}.", nameof(settings));
        this.scenario = scenario;
        this.costs = costs;
        this.trace = trace;
        this.startSeconds = startSeconds;
        collector = new WindowCollector(scenario);
        objective = new ServiceObjectiveCheck(scenario.Objective);
        Settings = settings;
        next = trace.FirstAtOrAfter(startSeconds);
        replicas = Build(settings, 0);
    }

    /// <summary>The settings in force.</summary>
    public KnobSettings Settings { get; private set; }

    /// <summary>Simulated time since the start, seconds.</summary>
    public double NowSeconds { get; private set; }

    /// <summary>Requests that have arrived and have not ended.</summary>
    public int InFlight
    {
        get
        {
            int count = 0;
            foreach (Replica replica in replicas)
                count += replica.Running + replica.Waiting;
            return count;
        }
    }

    /// <summary>Whether every arrival has been taken in.</summary>
    public bool ArrivalsDone => next >= trace.Count;

    /// <summary>Changes of settings so far.</summary>
    public int Switches => collector.TotalSwitches;

    /// <summary>Energy of the windows read out so far, joules.</summary>
    public double TotalJoules => collector.TotalJoules;

    /// <summary>Output tokens of the windows read out so far.</summary>
    public double TotalOutputTokens => collector.TotalOutputTokens;

    /// <summary>Quality saved before the start, in windows' worth of budget: a run that begins in the middle of a day.</summary>
    public double SavedQualityWindows { get => collector.SavedWindows; init => collector.SavedWindows = value; }

    /// <summary>Receives what becomes of each request.</summary>
    public IOutcomeSink? Sink { get => collector.Sink; set => collector.Sink = value; }

    /// <summary>Runs to an instant.</summary>
    /// <param name="untilSeconds">Simulated time since the start; not before now.</param>
    public void Advance(double untilSeconds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(untilSeconds, NowSeconds);
        while (next < trace.Count && trace.Arrivals[next] - startSeconds < untilSeconds)
        {
            double now = trace.Arrivals[next] - startSeconds;
            foreach (Replica replica in replicas)
                replica.AdvanceTo(now);
            Take(next++, now);
        }

        foreach (Replica replica in replicas)
            replica.Settle(untilSeconds);
        NowSeconds = untilSeconds;
    }

    /// <summary>Reads out the window since the last read-out.</summary>
    public WindowMetrics TakeWindow()
    {
        int waiting = 0;
        int running = 0;
        double kvUse = 0;
        foreach (Replica replica in replicas)
        {
            waiting += replica.Waiting;
            running += replica.Running;
            kvUse += replica.KvUse;
        }

        WindowMetrics metrics = collector.Take(Math.Max(1e-9, NowSeconds - windowStart), NowSeconds, replicas.Length, waiting, running, kvUse / replicas.Length);
        windowStart = NowSeconds;
        return metrics;
    }

    /// <summary>Changes settings now; what that costs unfolds in simulated time.</summary>
    /// <exception cref="ArgumentException">The settings do not fit the cluster.</exception>
    public void Change(in KnobSettings to)
    {
        if (to == Settings)
            return;
        if (!scenario.Fits(to))
            throw new ArgumentException($"{KnobText.Write(scenario.Knobs, to)} does not fit {scenario.Name}.", nameof(to));
        KnobSettings from = Settings;
        Settings = to;
        collector.TotalSwitches++;
        collector.LastSwitchSeconds = NowSeconds;
        if (to.Parallelism != from.Parallelism)
        {
            ChangeLayout(to);
            return;
        }

        foreach (Replica replica in replicas)
        {
            double pause = SwitchPrice.PauseSeconds(scenario, replica.Pool, from, to, replica.HeldBlocks);
            replica.Reconfigure(For(replica.Pool, to), pause, NowSeconds);
        }
    }

    /// <summary>Throws when the books do not balance: for tests, after every event.</summary>
    /// <exception cref="InvalidOperationException">A count contradicts another.</exception>
    public void CheckInvariants()
    {
        foreach (Replica replica in replicas)
            replica.CheckInvariants();
    }

    private void ChangeLayout(in KnobSettings to)
    {
        moving.Clear();
        double stopped = NowSeconds;
        foreach (Replica replica in replicas)
            stopped = Math.Max(stopped, replica.Surrender(NowSeconds, moving));
        moving.Sort(static (a, b) => a.Arrival != b.Arrival ? a.Arrival.CompareTo(b.Arrival) : a.Request.CompareTo(b.Request));
        replicas = Build(to, stopped);
        foreach (Replica replica in replicas)
            replica.Reconfigure(For(replica.Pool, to), scenario.Switching.LayoutSeconds, NowSeconds);
        foreach (WaitingRequest request in moving)
        {
            if (Choose(request.Request) is { } replica)
                replica.Enqueue(request, NowSeconds);
            else
                Refuse(request.Request, request.Arrival, NowSeconds);
        }
    }

    private void Take(int request, double now)
    {
        collector.Arrived(trace.PromptTokens[request]);
        if (Choose(request) is { } replica)
            replica.Enqueue(new WaitingRequest(request, now, now, 0, 0, double.NaN, 0), now);
        else
            Refuse(request, now, now);
    }

    private void Refuse(int request, double arrival, double now) => collector.Ended(RequestOutcome.Refused(trace, request, arrival, now));

    /// <summary>The replica a request goes to; null when it can never fit one.</summary>
    private Replica? Choose(int request)
    {
        int prompt = trace.PromptTokens[request];
        if (prompt + trace.OutputTokens[request] + 1 > scenario.MaxSequenceTokens)
            return null;
        Replica? best = null;
        Replica? held = null;
        int bestMatch = 0;
        int count = replicas.Length;
        for (int i = 0; i < count; i++)
        {
            Replica replica = replicas[(turn + i) % count];
            if (prompt < replica.Pool.MinPromptTokens || prompt > replica.Pool.MaxPromptTokens || !replica.CanHold(request))
                continue;
            if (best is null || replica.Load < best.Load)
                best = replica;
            int match = trace.HasPrefixes ? replica.PrefixMatch(request) : 0;
            if (match > bestMatch || (match == bestMatch && held is not null && replica.Load < held.Load))
                (held, bestMatch) = (replica, match);
        }

        turn = (turn + 1) % count;
        return held is not null && best is not null && held.Load <= best.Load + AffinitySlack ? held : best;
    }

    private Replica[] Build(in KnobSettings settings, double now)
    {
        var built = new List<Replica>();
        foreach (PoolSpec pool in scenario.LayoutOf(settings.Parallelism).Pools)
        {
            ReplicaSettings replicaSettings = For(pool, settings);
            for (int i = 0; i < pool.Replicas; i++)
                built.Add(new Replica(pool, replicaSettings, trace, objective, collector, now));
        }

        return [.. built];
    }

    private ReplicaSettings For(PoolSpec pool, in KnobSettings settings) => costs.For(pool, settings);
}
