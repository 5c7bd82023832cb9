using Tuner.Env.Costs;

namespace Tuner.Env.Evaluation;

/// <summary>A benchmark with a fixed number of requests in flight: as one ends, the next begins.</summary>
/// <remarks>
/// Steps the engine iteration by iteration as vLLM V1 does: decoding sequences first, the rest of the token budget to waiting prompts in
/// order of arrival, in chunks. All requests are alike. A client takes a moment between an answer and its next request, which spreads
/// requests that would else stay in step for ever; the moments are an evenly spread sequence, so a benchmark is the same every time.
/// </remarks>
public static class ClosedLoop
{
    /// <summary>Plays the benchmark.</summary>
    /// <param name="cost">The engine.</param>
    /// <param name="inFlight">Requests in flight, at least 1.</param>
    /// <param name="promptTokens">Prompt tokens of each, at least 1.</param>
    /// <param name="outputTokens">Output tokens of each, at least 1.</param>
    /// <param name="options">How the engine batches and how long to play.</param>
    public static ClosedLoopResult Run(IEngineCost cost, int inFlight, int promptTokens, int outputTokens, ClosedLoopOptions options)
    {
        double stages = cost.Engine.PipelineParallel;
        int verified = cost.Engine.DraftTokens + 1;
        double rate = cost.Engine.DraftTokens == 0 ? 1 : options.AcceptanceLength;
        var prompt = new int[inFlight]; // prompt tokens still to process
        var generated = new double[inFlight];
        var arrived = new double[inFlight];
        var first = new double[inFlight];
        var queue = new PriorityQueue<int, double>();
        int issued = 0;
        for (int slot = 0; slot < inFlight; slot++)
            Issue(slot, 0);

        int admitted = Math.Min(inFlight, options.MaxSequences);
        int target = inFlight * options.Rounds;
        int ended = 0;
        double clock = 0;
        double ttft = 0;
        double tpot = 0;
        double joules = 0;
        int steps = 0;
        var waiting = new List<int>();
        while (ended < target)
        {
            int decoding = 0;
            double kv = 0;
            for (int slot = 0; slot < inFlight; slot++)
            {
                if (generated[slot] >= 1)
                {
                    decoding++;
                    kv += promptTokens + generated[slot];
                }
            }

            if (decoding + waiting.Count == 0 && queue.TryPeek(out _, out double next))
                clock = Math.Max(clock, next);
            while (decoding + waiting.Count < admitted && queue.TryPeek(out int arriving, out double at) && at <= clock)
            {
                waiting.Add(arriving);
                queue.Dequeue();
            }

            int left = Math.Max(16, options.TokenBudget - (decoding * verified));
            int tokens = 0;
            int sequences = 0;
            int completed = 0;
            double pairs = 0;
            double before = 0;
            foreach (int slot in waiting)
            {
                int chunk = Math.Min(left, prompt[slot]);
                if (chunk == 0)
                    break;
                int done = promptTokens - prompt[slot];
                tokens += chunk;
                sequences++;
                pairs += chunk * (done + (0.5 * chunk));
                before += done;
                left -= chunk;
                prompt[slot] -= chunk;
                if (prompt[slot] == 0)
                    completed++;
            }

            // Micro-batches of a pipeline follow one another: the batch is shared out over the stages, and a round takes all of them.
            int parts = (int)Math.Clamp(Math.Max(decoding, tokens / 16), 1, stages);
            double share = 1.0 / parts;
            StepCost step = cost.Step(new BatchShape(
                (int)Math.Ceiling(tokens * share),
                (int)Math.Ceiling(sequences * share),
                pairs * share,
                before * share,
                (int)Math.Ceiling(completed * share),
                (int)Math.Ceiling(decoding * share),
                kv * share));
            clock += stages * (step.StageSeconds + step.HopSeconds);
            joules += step.Joules * parts;
            steps++;
            for (int slot = 0; slot < inFlight; slot++)
            {
                if (generated[slot] < 1)
                    continue;
                generated[slot] = Math.Min(outputTokens, generated[slot] + rate);
                End(slot);
            }

            for (int i = 0; i < waiting.Count; i++)
            {
                int slot = waiting[i];
                if (prompt[slot] > 0)
                    break;
                waiting.RemoveAt(i--);
                generated[slot] = 1;
                first[slot] = clock;
                ttft += clock - arrived[slot];
                End(slot);
            }
        }

        int started = Math.Max(1, ended);
        return new ClosedLoopResult(ttft / started, outputTokens > 1 ? tpot / started : 0, ended * (double)outputTokens / clock, joules / (ended * (double)outputTokens), clock / steps);

        void End(int slot)
        {
            if (generated[slot] < outputTokens || ended >= target)
                return;
            if (outputTokens > 1)
                tpot += (clock - first[slot]) / (outputTokens - 1);
            ended++;
            Issue(slot, clock);
        }

        void Issue(int slot, double now)
        {
            // Multiples of the golden ratio spread evenly over the unit interval (Weyl, 1916).
            double moment = options.TurnaroundSeconds * ((issued++ * 0.6180339887498949) % 1);
            generated[slot] = 0;
            prompt[slot] = promptTokens;
            arrived[slot] = now + moment;
            queue.Enqueue(slot, arrived[slot]);
        }
    }
}
