using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines.Foresight;

/// <summary>Knows every arrival of the day before it comes: the ceiling other policies are held against.</summary>
/// <remarks>
/// A beam search over copies of the cluster (<see cref="BeamSearch"/>) at one price of quality, a Lagrange multiplier, which is sought in
/// hindsight until the whole day's loss just meets the budget (Everett 1963). It may overdraw the budget during the day and make up for it
/// later, which no policy may that does not know what comes. A ceiling only as far as its candidates and steps go: a plan no step of 30 s
/// can express is not found.
/// <para>Not thread-safe, but busy on every core by itself. It remembers the price it found last and begins there, so that runs at neighbouring loads
/// cost less; asked the same in the same order it answers the same.</para>
/// </remarks>
/// <param name="costs">The scenario and its prepared engines.</param>
/// <param name="options">What it may choose from, and how hard it looks.</param>
public sealed class Oracle(EngineCostCache costs, OracleOptions options) : IContender
{
    private const double FirstPrice = 0.1;
    private const double LeastPrice = 2e-3;
    private const double MostPrice = 10;
    private const double CloseEnough = 1.05;

    private static readonly double[] ScreeningPrices = [0.03, 0.3];

    private double price = FirstPrice;

    /// <inheritdoc/>
    public string Name => "oracle";

    /// <inheritdoc/>
    public RunResult Run(TrafficTrace trace, CancellationToken cancellation = default)
    {
        var search = new BeamSearch(costs, trace, options);
        RunResult best = Serve(trace, KnobSchedule.Fixed(options.Candidates[0]), cancellation);
        Seek(price =>
        {
            RunResult run = Serve(trace, search.Plan(price, int.MaxValue, cancellation)!, cancellation);
            best = Better(best, run);
            return WithinBudget(run) ? -1 : 1;
        });
        return best with { Policy = Name };
    }

    /// <inheritdoc/>
    public bool Carries(TrafficTrace trace, CancellationToken cancellation = default)
    {
        int mayMiss = (int)Math.Floor((1 - costs.Scenario.AttainmentTarget) * trace.Count + 1e-9);
        var search = new BeamSearch(costs, trace, options);
        bool carries = false;
        Seek(price =>
        {
            if (search.Plan(price, mayMiss, cancellation) is not { } plan)
                return -1;
            RunResult run = Serve(trace, plan, cancellation);
            bool enough = run.Outcomes.Count(outcome => !outcome.Met) <= mayMiss;
            bool frugal = WithinBudget(run);
            carries = trace.Count > 0 && enough && frugal;
            return enough == frugal ? 0 : frugal ? -1 : 1;
        });
        return carries;
    }

    /// <summary>The candidates that a hasty search over a trace makes use of, those used longest first: few enough to be tried thoroughly.</summary>
    /// <param name="trace">The arrivals, at a load that is hard to carry.</param>
    /// <param name="most">Most candidates to keep.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <returns>At least one; the first candidate among them.</returns>
    public IReadOnlyList<KnobSettings> Screen(TrafficTrace trace, int most, CancellationToken cancellation = default)
    {
        var hasty = new BeamSearch(costs, trace, options with { Width = 1, TailSeconds = options.StepSeconds });
        var used = new Dictionary<KnobSettings, double>();
        foreach (double price in ScreeningPrices)
        {
            KnobSchedule plan = hasty.Plan(price, int.MaxValue, cancellation)!;
            ScheduledChange[] spans = [new ScheduledChange(0, plan.Start), .. plan.Changes];
            for (int i = 0; i < spans.Length; i++)
            {
                double until = i + 1 < spans.Length ? spans[i + 1].Seconds : trace.DurationSeconds;
                used[spans[i].Settings] = used.GetValueOrDefault(spans[i].Settings) + until - spans[i].Seconds;
            }
        }

        return [.. used.OrderByDescending(each => each.Value).Select(each => each.Key).Take(most - 1).Prepend(options.Candidates[0]).Distinct()];
    }

    /// <summary>Seeks a price, from the one found last: one that is told to fall (−1), to rise (1), or is found (0).</summary>
    private void Seek(Func<double, int> judge)
    {
        double low = 0;
        double high = double.PositiveInfinity;
        for (int i = 0; i < options.Prices; i++)
        {
            int direction = judge(price);
            if (direction == 0)
                return;
            if (direction < 0)
                high = price;
            else
                low = price;
            price = Math.Clamp(low == 0 ? high / 3 : double.IsPositiveInfinity(high) ? low * 3 : Math.Sqrt(low * high), LeastPrice, MostPrice);
            if (high / low < CloseEnough || price == LeastPrice || price == MostPrice)
                return;
        }
    }

    private RunResult Serve(TrafficTrace trace, KnobSchedule plan, CancellationToken cancellation)
        => ScheduledRun.Run(costs, trace, plan, cancellation: cancellation);

    private bool WithinBudget(RunResult run) => run.QualityLoss <= costs.Scenario.Quality.Budget + 1e-9;

    private RunResult Better(RunResult a, RunResult b)
    {
        if (WithinBudget(a) != WithinBudget(b))
            return WithinBudget(a) ? a : b;
        return b.Attainment > a.Attainment ? b : a;
    }
}
