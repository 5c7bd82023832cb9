using Tuner.Engines;
using Tuner.Env.Cluster;
using Tuner.Env.Measurement;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Files;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Cli.Commands.RealTime;

/// <summary>A simulated cluster that keeps pace with a clock. The simulator itself knows none: it is told how far to go.</summary>
internal sealed class LiveEngine : IOutcomeSink
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(20);

    private readonly Scenario scenario;
    private readonly ServingCluster cluster;
    private readonly ServingContract contract;
    private readonly VllmPage page;
    private readonly TimeProvider time;
    private readonly double speed;
    private readonly long started;
    private readonly Lock gate = new();

    public LiveEngine(EngineCostCache costs, TrafficTrace trace, KnobSettings settings, double speed, ulong seed, TimeProvider time)
    {
        (scenario, this.speed, this.time) = (costs.Scenario, speed, time);
        contract = scenario.Contract;
        page = new VllmPage(scenario.Model.Name, time.GetUtcNow());
        cluster = new ServingCluster(scenario, costs, trace, settings, seed: seed) { Sink = this, Observer = new PageObserver(page, trace) };
        started = time.GetTimestamp();
    }

    /// <summary>Simulated time, seconds.</summary>
    public double NowSeconds
    {
        get
        {
            lock (gate)
                return cluster.NowSeconds;
        }
    }

    /// <summary>Requests that have ended.</summary>
    public long Requests { get; private set; }

    public void Add(in RequestOutcome outcome)
    {
        Requests++;
        page.Ended(outcome);
    }

    /// <summary>Goes on until told to stop.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Beat, time);
        try
        {
            do
            {
                lock (gate)
                    Advance();
            }
            while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // Asked to stop: that is how it ends.
        }
    }

    /// <summary>The metrics page as of now.</summary>
    public string Metrics()
    {
        lock (gate)
        {
            Advance();
            Collect();
            return page.Write();
        }
    }

    /// <summary>The settings in force, or under way.</summary>
    public EngineSettings Settings()
    {
        lock (gate)
        {
            Advance();
            return EngineSettings.Of(contract, cluster.Settings) with { Changing = cluster.IsChanging };
        }
    }

    /// <summary>Changes settings; what that costs unfolds in simulated time.</summary>
    /// <exception cref="FormatException">A value is no rung of the scenario's ladders, or the settings do not fit.</exception>
    public void Change(EngineSettings wanted)
    {
        KnobSettings to = wanted.ToKnobs(contract);
        if (!scenario.Fits(to))
            throw new FormatException($"{KnobText.Write(scenario.Knobs, to)} does not fit {scenario.Name}");
        lock (gate)
        {
            Advance();
            Collect(); // drafts are told by the settings they ran under
            cluster.Change(to);
        }
    }

    private void Advance() => cluster.Advance(Math.Max(cluster.NowSeconds, time.GetElapsedTime(started).TotalSeconds * speed));

    private void Collect()
    {
        KnobSettings settings = cluster.Settings;
        WindowMetrics window = cluster.TakeWindow();
        page.Add(window, settings.Speculation ? scenario.Drafts[settings.DraftLevel].Tokens : 0);
    }
}
