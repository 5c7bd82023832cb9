using MathNet.Numerics.Distributions;
using Tuner.Env.Cluster;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Files;
using Tuner.Policy.Hosting;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.WhatIf;

/// <summary>Serves a stretch of traffic like that observed in a simulated cluster, twice: with the settings that run and with those proposed.</summary>
/// <remarks>
/// <para>Both live through the same warm-up under the current settings; then one holds still and the other changes, with all that changing costs.
/// Requests that arrive in the horizon, and those that wait when it begins, are measured until they end; the load goes on meanwhile.</para>
/// <para>The interval is over seeds, paired: it tells the luck of the draw, not how well the simulator knows the engine. For that, compare
/// predictions with outcomes in the audit log. What a window does not tell is not predicted: bursts, drift, what prefetch brings back.</para>
/// <para>A prediction is a function of the question and the options. Safe to ask from several threads.</para>
/// </remarks>
public sealed class SimulatorWhatIf : IWhatIf
{
    // Requests that arrive last are followed for four mean outputs at the promised pace, within these bounds.
    private const double OutputsFollowed = 4;
    private const double LeastDrainSeconds = 20;
    private const double MostDrainSeconds = 300;
    private const double SliceSeconds = 5;

    private readonly Scenario scenario;
    private readonly EngineCostCache costs;
    private readonly ServingContract contract;
    private readonly WhatIfOptions options;

    /// <summary>Prepares a simulator.</summary>
    /// <param name="scenario">The cluster to simulate: the one the policy was trained in.</param>
    /// <param name="options">How much is simulated.</param>
    /// <exception cref="ArgumentException">The options are out of range.</exception>
    public SimulatorWhatIf(Scenario scenario, WhatIfOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        this.scenario = scenario;
        this.options = options ?? new WhatIfOptions();
        if (this.options.Problem() is { } problem)
            throw new ArgumentException(problem, nameof(options));
        costs = new EngineCostCache(scenario);
        contract = scenario.Contract;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The question is about another cluster, or about settings this one cannot run.</exception>
    public ValueTask<PredictedEffect?> PredictAsync(WhatIfQuestion question, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(question);
        if (question.Contract.DifferenceFrom(contract) is { } difference)
            throw new ArgumentException($"{scenario.Name} is another cluster than the policy's: {difference}.", nameof(question));
        foreach (KnobSettings settings in new[] { question.Current, question.Proposed })
        {
            if (!scenario.Fits(settings))
                throw new ArgumentException($"{KnobText.Write(scenario.Knobs, settings)} does not fit {scenario.Name}.", nameof(question));
        }

        return ValueTask.FromResult(ObservedLoad.Of(question.Windows) is { } load ? Predict(load, question.Current, question.Proposed, cancellation) : null);
    }

    private PredictedEffect Predict(ObservedLoad load, KnobSettings current, KnobSettings proposed, CancellationToken cancellation)
    {
        double drain = Math.Clamp(OutputsFollowed * load.OutputTokens * scenario.Objective.TpotSeconds, LeastDrainSeconds, MostDrainSeconds);
        var traffic = new StretchTraffic(load, scenario, current);
        var held = new StretchResult[options.Seeds];
        var changed = new StretchResult[options.Seeds];
        for (int i = 0; i < options.Seeds; i++)
            (held[i], changed[i]) = Serve(traffic, (ulong)i, load.Waiting, drain, current, proposed, cancellation);

        PredictedChange Compare(Func<StretchResult, double> metric) => Paired([.. held.Select(metric)], [.. changed.Select(metric)]);
        return new PredictedEffect
        {
            Attainment = Compare(result => result.Attainment),
            TtftP90 = Compare(result => result.TtftP90),
            TpotP90 = Compare(result => result.TpotP90),
            JoulesPerToken = Compare(result => result.JoulesPerToken),
            QualityLoss = Compare(result => result.QualityLoss),
            HorizonSeconds = options.HorizonSeconds,
        };
    }

    private (StretchResult Held, StretchResult Changed) Serve(
        StretchTraffic traffic, ulong seed, int waiting, double drain, KnobSettings current, KnobSettings proposed, CancellationToken cancellation)
    {
        double decision = options.WarmUpSeconds;
        double end = decision + options.HorizonSeconds + drain;
        TrafficTrace trace = traffic.Draw(seed, decision, end, 0);
        ServingCluster live = WarmUp(trace);
        int missing = waiting - live.Gauges.Waiting;
        if (missing > 0)
        {
            trace = traffic.Draw(seed, decision, end, missing);
            live = WarmUp(trace);
        }

        var twin = new ServingCluster(scenario, costs, trace, current, 0, seed);
        twin.CopyFrom(live);
        int from = trace.FirstAtOrAfter(Math.BitDecrement(decision));
        int to = trace.FirstAtOrAfter(decision + options.HorizonSeconds);
        return (Measure(live, current), Measure(twin, proposed));

        ServingCluster WarmUp(TrafficTrace served)
        {
            var cluster = new ServingCluster(scenario, costs, served, current, 0, seed);
            Advance(cluster, decision, cancellation);
            cluster.TakeWindow();
            return cluster;
        }

        StretchResult Measure(ServingCluster cluster, KnobSettings settings)
        {
            var log = new StretchLog(trace, from, to);
            (cluster.Sink, cluster.Observer) = (log, log);
            cluster.Change(settings);
            Advance(cluster, end, cancellation);
            WindowMetrics window = cluster.TakeWindow();
            double joules = window.OutputTokensPerSecond > 0 ? window.PowerWatts / window.OutputTokensPerSecond : 0;
            return new StretchResult(log.Attainment, log.TtftP90(end), log.TpotP90, joules, log.QualityLoss);
        }
    }

    private static void Advance(ServingCluster cluster, double until, CancellationToken cancellation)
    {
        while (cluster.NowSeconds < until)
        {
            cancellation.ThrowIfCancellationRequested();
            cluster.Advance(Math.Min(until, cluster.NowSeconds + SliceSeconds));
        }
    }

    /// <summary>Student's 95 % interval of the mean difference over seeds.</summary>
    private static PredictedChange Paired(double[] held, double[] changed)
    {
        int n = held.Length;
        double[] differences = [.. changed.Zip(held, (after, before) => after - before)];
        double mean = differences.Average();
        double deviation = Math.Sqrt(differences.Sum(each => (each - mean) * (each - mean)) / (n - 1));
        double half = StudentT.InvCDF(0, 1, n - 1, 0.975) * deviation / Math.Sqrt(n);
        return new PredictedChange(held.Average(), changed.Average(), mean - half, mean + half);
    }
}
