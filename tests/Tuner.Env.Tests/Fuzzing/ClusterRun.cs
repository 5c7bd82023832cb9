using Tuner.Env.Cluster;
using Tuner.Env.Measurement;
using Tuner.Env.Scenarios;
using Tuner.Env.Simulation;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Fuzzing;

/// <summary>One run of a case from its first arrival until nothing is left, and what it told on the way.</summary>
internal sealed class ClusterRun
{
    /// <summary>A run that has not ended by then never does: the dearest case takes a day.</summary>
    private const double Forever = 3e7;

    private const long MostSteps = 20_000_000;
    private const double WindowShare = 0.1;

    private readonly OutcomeLog log = new();
    private readonly List<WindowMetrics> windows = [];
    private readonly RandomStream random;
    private readonly double cutSeconds;

    private ClusterRun(FuzzCase drawn, double cutSeconds, int longestRun)
    {
        this.cutSeconds = cutSeconds;
        random = RandomStream.For(drawn.Seed, "cuts");
        Scenario = drawn.Scenario.Build();
        Trace = drawn.Trace();
        var costs = new EngineCostCache(Scenario, new StepLimit(drawn.Scenario.CostModel(), MostSteps));
        Cluster = new ServingCluster(Scenario, costs, Trace, Scenario.DefaultSettings) { Sink = log, LongestRun = longestRun };
    }

    public Scenario Scenario { get; }

    public TrafficTrace Trace { get; }

    public ServingCluster Cluster { get; }

    /// <summary>Outcomes in the order in which they were told.</summary>
    public IReadOnlyList<RequestOutcome> Outcomes => log.Outcomes;

    /// <summary>Every window read out.</summary>
    public IReadOnlyList<WindowMetrics> Windows => windows;

    /// <summary>Actions that changed something.</summary>
    public int Changes { get; private set; }

    /// <summary>Lives through a case.</summary>
    /// <param name="drawn">The case.</param>
    /// <param name="cuts">Whether the run is cut into small advances, with windows read out between, or goes from action to action.</param>
    /// <param name="stepByStep">Whether every decode step is taken by itself.</param>
    public static ClusterRun Of(FuzzCase drawn, bool cuts, bool stepByStep = false)
    {
        var run = new ClusterRun(drawn, cuts ? drawn.CutSeconds : double.PositiveInfinity, stepByStep ? 1 : int.MaxValue);
        run.Live(drawn.Actions);
        return run;
    }

    private void Live(FuzzAction[] actions)
    {
        var rules = new KnobRules(Scenario);
        double at = 0;
        foreach (FuzzAction action in actions)
        {
            at += action.Gap;
            AdvanceTo(at);
            KnobSettings before = Cluster.Settings;
            Cluster.Change(rules.Resolve(before, Scenario.Knobs.Apply(before, action.Heads)));
            Changes += Cluster.Settings == before ? 0 : 1;
            Check();
        }

        AdvanceTo(Math.Max(at, Trace.DurationSeconds) + 1);
        for (double more = 60; Cluster.InFlight > 0; more *= 2)
        {
            if (Cluster.NowSeconds > Forever)
                throw new InvalidOperationException($"{Cluster.InFlight} requests are still there at {Cluster.NowSeconds} s.");
            AdvanceTo(Cluster.NowSeconds + more);
        }

        windows.Add(Cluster.TakeWindow());
    }

    private void AdvanceTo(double end)
    {
        // A long silence is not cut into a million pieces.
        double piece = Math.Max(cutSeconds, (end - Cluster.NowSeconds) / 500);
        while (Cluster.NowSeconds < end)
        {
            Cluster.Advance(Math.Min(end, Cluster.NowSeconds + random.NextExponential(piece)));
            Check();
            if (random.NextDouble() < WindowShare && double.IsFinite(cutSeconds))
                windows.Add(Cluster.TakeWindow());
        }
    }

    private void Check()
    {
        Cluster.CheckInvariants();
        int arrived = Trace.FirstAtOrAfter(Cluster.NowSeconds);
        if (Cluster.InFlight != arrived - log.Outcomes.Count)
            throw new InvalidOperationException($"At {Cluster.NowSeconds} s {Cluster.InFlight} requests are in flight, but {arrived} came and {log.Outcomes.Count} ended.");
    }
}
