using Tuner.Env.Cluster;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Evaluation;

/// <summary>The largest multiple of a trace's rate that a policy carries: enough promises met, within the quality budget.</summary>
public static class SustainedLoad
{
    private const double Resolution = 0.02;

    /// <summary>Finds it by bisection, to 2 %.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="trace">The arrivals at multiple 1.</param>
    /// <param name="makePolicy">Makes the policy, once a run.</param>
    /// <param name="seed">Seed of the rate scaling, the same for every policy compared.</param>
    /// <param name="start">Settings each run begins with; null for the scenario's default.</param>
    /// <param name="cancellation">Stops between runs.</param>
    /// <returns>The multiple; 0 when not even a fiftieth is carried.</returns>
    public static double Find(EngineCostCache costs, TrafficTrace trace, Func<ITuningPolicy> makePolicy, ulong seed, KnobSettings? start = null, CancellationToken cancellation = default)
    {
        double low = 0;
        double high = 1;
        while (high < 256 && Carries(high))
        {
            low = high;
            high *= 2;
        }

        if (low == 0)
        {
            for (double down = 0.5; low == 0 && down > Resolution; down /= 2)
            {
                if (Carries(down))
                    low = down;
                else
                    high = down;
            }
        }

        while (low > 0 && high / low > 1 + Resolution)
        {
            double middle = Math.Sqrt(low * high);
            if (Carries(middle))
                low = middle;
            else
                high = middle;
        }

        return low;

        bool Carries(double factor)
        {
            Scenario scenario = costs.Scenario;
            RunResult run = PolicyRunner.Run(costs, trace.Scaled(factor, seed), makePolicy(), start ?? scenario.DefaultSettings, cancellation: cancellation);
            return run.Attainment >= scenario.AttainmentTarget && run.QualityLoss <= scenario.Quality.Budget + 1e-9;
        }
    }
}
