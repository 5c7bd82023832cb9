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
    /// <param name="kernels">Whose schedule and token budget.</param>
    /// <param name="points">Receives those whose weights and KV cache fit.</param>
    /// <returns>How many do not fit the GPUs' memory.</returns>
    public static int Run(HardwareProfile hardware, ICostModel costs, ModelSpec model, SweepGrid grid, EngineKernels kernels, ICollection<SweepPoint> points)
    {
        int unfit = 0;
        ClosedLoopOptions[] played = [.. from prompt in grid.PromptTokens from inFlight in grid.InFlight select ClosedLoopOptions.For(kernels, inFlight, prompt)];
        int largest = played.Max(options => options.TokenBudget);
        foreach (EngineSpec engine in grid.Engines(model))
        {
            double room = (double)MemoryPlan.BlockTokens * MemoryPlanner.Plan(hardware, engine, largest, bothPrecisionsResident: false).KvBlocks;
            IEngineCost? cost = room > 0 ? costs.For(engine) : null;
            double accepted = grid.AcceptanceLength(engine.DraftTokens);
            for (int p = 0; p < grid.PromptTokens.Count; p++)
            {
                int prompt = grid.PromptTokens[p];
                foreach (int output in grid.OutputTokens)
                {
                    for (int i = 0; i < grid.InFlight.Count; i++)
                    {
                        int inFlight = grid.InFlight[i];
                        if (cost is null || (double)inFlight * (prompt + output) > room)
                            unfit++;
                        else
                            points.Add(new SweepPoint(engine, inFlight, prompt, output, SteadyState.Evaluate(cost, inFlight, prompt, output, played[(p * grid.InFlight.Count) + i], accepted)));
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
