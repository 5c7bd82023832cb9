using Tuner.Env.Costs;

namespace Tuner.Env.Evaluation.Sweeping;

/// <summary>Evaluates every configuration of a grid by its <see cref="SteadyState"/>.</summary>
public static class ConfigurationSweep
{
    /// <summary>Evaluates the grid.</summary>
    /// <param name="hardware">The GPU.</param>
    /// <param name="costs">Times its engines.</param>
    /// <param name="model">The model served.</param>
    /// <param name="grid">The configurations.</param>
    /// <param name="options">How engines batch.</param>
    /// <param name="points">Receives those whose weights and KV cache fit.</param>
    /// <returns>How many do not fit the GPUs' memory.</returns>
    public static int Run(HardwareProfile hardware, ICostModel costs, ModelSpec model, SweepGrid grid, ClosedLoopOptions options, ICollection<SweepPoint> points)
    {
        int unfit = 0;
        foreach (EngineSpec engine in grid.Engines(model))
        {
            double room = (double)MemoryPlan.BlockTokens * MemoryPlanner.Plan(hardware, engine, options.TokenBudget, bothPrecisionsResident: false).KvBlocks;
            IEngineCost? cost = room > 0 ? costs.For(engine) : null;
            ClosedLoopOptions played = options with { AcceptanceLength = grid.AcceptanceLength(engine.DraftTokens) };
            foreach (int prompt in grid.PromptTokens)
            {
                foreach (int output in grid.OutputTokens)
                {
                    foreach (int inFlight in grid.InFlight)
                    {
                        if (cost is null || (double)inFlight * (prompt + output) > room)
                            unfit++;
                        else
                            points.Add(new SweepPoint(engine, inFlight, prompt, output, SteadyState.Evaluate(cost, inFlight, prompt, output, played)));
                    }
                }
            }
        }

        return unfit;
    }

    /// <summary>The points no other beats in both output tokens a second and GPU and time per output token, of those that keep a time to first token; by time per output token.</summary>
    public static IReadOnlyList<SweepPoint> ParetoFront(IEnumerable<SweepPoint> points, double ttftLimitSeconds)
    {
        var front = new List<SweepPoint>();
        foreach (SweepPoint point in points.Where(point => point.Result.TtftSeconds <= ttftLimitSeconds).OrderBy(point => point.Result.TpotSeconds).ThenByDescending(point => point.OutputTokensPerSecondAndGpu))
        {
            if (front.Count == 0 || point.OutputTokensPerSecondAndGpu > front[^1].OutputTokensPerSecondAndGpu)
                front.Add(point);
        }

        return front;
    }
}
