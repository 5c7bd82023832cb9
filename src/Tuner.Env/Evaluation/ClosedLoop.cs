using Tuner.Env.Costs;

namespace Tuner.Env.Evaluation;

/// <summary>A benchmark with a fixed number of requests in flight: as one ends, the next begins.</summary>
/// <remarks>
/// Steps the engine iteration by iteration: decoding sequences first, the rest of the token budget to waiting prompts in order of arrival.
/// A client takes a moment between an answer and its next request, which spreads requests that would else stay in step for ever; moments and
/// lengths are evenly spread sequences, so a benchmark is the same every time. Times are those clients see: behind the
/// process in front of the engine.
/// </remarks>
public sealed class ClosedLoop
{
    private readonly IEngineCost cost;
    private readonly ClosedLoopOptions options;
    private readonly int promptTokens;
    private readonly int outputTokens;
    private readonly int target;
    private readonly int[] prompt; // prompt tokens still to process
    private readonly int[] prompts; // prompt tokens of the request in each place
    private readonly int[] outputs; // and its output tokens
    private readonly double[] generated;
    private readonly double[] arrived;
    private readonly double[] first;
    private readonly bool[] admitted;
    private readonly PriorityQueue<int, double> queue = new();
    private readonly List<int> waiting = [];
    private readonly List<int> running = [];
    private int issued;
    private int ended;
    private int answered;
    private double ttft;
    private double tpot;
    private long emitted;
    private double completedPromptTokens; // of the step being filled

    private ClosedLoop(IEngineCost cost, int inFlight, int promptTokens, int outputTokens, ClosedLoopOptions options)
    {
        this.cost = cost;
        this.options = options;
        this.promptTokens = promptTokens;
        this.outputTokens = outputTokens;
        target = inFlight * options.Rounds;
        prompt = new int[inFlight];
        prompts = new int[inFlight];
        outputs = new int[inFlight];
        generated = new double[inFlight];
        arrived = new double[inFlight];
        first = new double[inFlight];
        admitted = new bool[inFlight];
    }

    /// <summary>Plays the benchmark.</summary>
    /// <param name="cost">The engine.</param>
    /// <param name="inFlight">Requests in flight, at least 1.</param>
    /// <param name="promptTokens">Prompt tokens of each, at least 1.</param>
    /// <param name="outputTokens">Output tokens of each, at least 1.</param>
    /// <param name="options">How the engine batches and how long to play.</param>
    public static ClosedLoopResult Run(IEngineCost cost, int inFlight, int promptTokens, int outputTokens, ClosedLoopOptions options) =>
        new ClosedLoop(cost, inFlight, promptTokens, outputTokens, options).Play();

    private ClosedLoopResult Play()
    {
        double stages = cost.Engine.PipelineParallel;
        double rate = cost.Engine.DraftTokens == 0 ? 1 : options.AcceptanceLength;
        double clock = 0;
        double began = 0; // when the step before began
        double front = 0; // when the process in front is done with what it was given
        double joules = 0;
        int steps = 0;
        for (int slot = 0; slot < prompt.Length; slot++)
            Issue(slot, 0);
        while (ended < target)
        {
            if (running.Count + waiting.Count == 0 && queue.TryPeek(out _, out double next) && next > clock)
                clock = began = next;
            double before = options.Schedule.OverlapsSteps && running.Count + waiting.Count > 0 ? began : clock;
            while (queue.TryPeek(out int arriving, out double at) && at <= before)
            {
                waiting.Add(arriving);
                queue.Dequeue();
            }

            BatchShape batch = Fill();
            if (batch.DecodeSequences + batch.PrefillTokens == 0)
            {
                // Only a request that arrives during the step not yet begun: there is nothing to overlap with.
                queue.TryPeek(out _, out double soon);
                clock = began = Math.Max(clock, soon);
                continue;
            }

            // Micro-batches of a pipeline follow one another: the batch is shared out over the stages, and a round takes all of them.
            int parts = (int)Math.Clamp(Math.Max(batch.DecodeSequences, batch.PrefillTokens / 16), 1, stages);
            StepCost step = cost.Step(parts == 1 ? batch : Share(batch, 1.0 / parts));
            began = clock;
            clock += stages * (step.StageSeconds + step.HopSeconds);
            joules += step.Joules * parts;
            steps++;
            front = Math.Max(front, clock)
                + (options.FrontEnd.ChunkSeconds * (batch.DecodeSequences + batch.PrefillsCompleted))
                + (options.FrontEnd.RequestSeconds * batch.PrefillsCompleted)
                + (options.FrontEnd.PromptTokenSeconds * completedPromptTokens);
            Advance(front, rate);
        }

        int answers = Math.Max(1, ended);
        return new ClosedLoopResult(ttft / Math.Max(1, answered), outputTokens > 1 ? tpot / answers : 0, emitted / front, joules / emitted, clock / steps);
    }

    // What the next step processes; prompt tokens it takes are no longer to process afterwards.
    private BatchShape Fill()
    {
        double kv = 0;
        double held = 0;
        foreach (int slot in running)
        {
            kv += prompts[slot] + generated[slot];
            held += prompts[slot] + (options.Schedule.ReservesOutput ? outputs[slot] : generated[slot]);
        }

        completedPromptTokens = 0;
        int left = Math.Max(options.Schedule.ChunksPrompts ? 16 : 0, options.TokenBudget - (running.Count * (cost.Engine.DraftTokens + 1)));
        int places = running.Count;
        int tokens = 0;
        int sequences = 0;
        int completed = 0;
        double pairs = 0;
        double before = 0;
        foreach (int slot in waiting)
        {
            double need = prompts[slot] + (options.Schedule.ReservesOutput ? outputs[slot] : 0);
            if (!admitted[slot] && (places >= options.MaxSequences || (places > 0 && held + need > options.KvTokens)))
                break;
            bool fits = prompt[slot] <= left || (!options.Schedule.ChunksPrompts && tokens == 0);
            int chunk = fits ? prompt[slot] : options.Schedule.ChunksPrompts ? left : 0;
            if (chunk == 0)
                break;
            int done = prompts[slot] - prompt[slot];
            tokens += chunk;
            sequences++;
            pairs += chunk * (done + (0.5 * chunk));
            before += done;
            left = Math.Max(0, left - chunk);
            prompt[slot] -= chunk;
            admitted[slot] = true;
            held += need;
            places++;
            if (prompt[slot] > 0)
                continue;
            completed++;
            completedPromptTokens += prompts[slot];
        }

        return new BatchShape(tokens, sequences, pairs, before, completed, running.Count, kv);
    }

    private void Advance(double seen, double rate)
    {
        for (int i = running.Count - 1; i >= 0; i--)
        {
            int slot = running[i];
            generated[slot] = Math.Min(outputs[slot], generated[slot] + rate);
            if (generated[slot] < outputs[slot])
                continue;
            running.RemoveAt(i);
            End(slot, seen);
        }

        // Prompts are processed in order: those that are done stand first.
        int finished = 0;
        while (finished < waiting.Count && prompt[waiting[finished]] == 0)
        {
            int slot = waiting[finished++];
            first[slot] = seen;
            ttft += seen - arrived[slot];
            answered++;
            generated[slot] = 1;
            if (outputs[slot] > 1)
                running.Add(slot);
            else
                End(slot, seen);
        }

        waiting.RemoveRange(0, finished);
    }

    private void End(int slot, double now)
    {
        if (ended < target)
        {
            ended++;
            emitted += outputs[slot];
            if (outputs[slot] > 1)
                tpot += (now - first[slot]) / (outputs[slot] - 1);
        }

        Issue(slot, now);
    }

    private void Issue(int slot, double now)
    {
        // Multiples of irrational numbers spread evenly over the unit interval (Weyl, 1916): the golden ratio, √2 and √3.
        double moment = options.TurnaroundSeconds * ((issued * 0.6180339887498949) % 1);
        prompts[slot] = Length(promptTokens, 0.4142135623730951);
        outputs[slot] = Length(outputTokens, 0.7320508075688772);
        int cached = issued < prompt.Length ? 0 : (int)(options.CachedShare * prompts[slot]);
        issued++;
        generated[slot] = 0;
        admitted[slot] = false;
        prompt[slot] = prompts[slot] - cached;
        arrived[slot] = now + moment;
        queue.Enqueue(slot, arrived[slot]);

        int Length(int most, double multiple) => Math.Max(1, (int)Math.Round(most * (1 - (options.LengthSpread * ((issued * multiple) % 1)))));
    }

    private static BatchShape Share(BatchShape batch, double share) => new(
        (int)Math.Ceiling(batch.PrefillTokens * share),
        (int)Math.Ceiling(batch.PrefillSequences * share),
        batch.PrefillPairs * share,
        batch.PrefillKvTokens * share,
        (int)Math.Ceiling(batch.PrefillsCompleted * share),
        (int)Math.Ceiling(batch.DecodeSequences * share),
        batch.DecodeKvTokens * share);
}
