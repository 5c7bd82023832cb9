using Tuner.Env.Costs;
using Tuner.Env.Measurement;

namespace Tuner.Env.Cluster;

/// <summary>Fills a replica's steps, first come, first served, and books what they did.</summary>
internal sealed class Batcher(ClusterScope scope, WaitingRoom waiting, RunningBatch batch)
{
    private const double Epsilon = 1e-9;

    private readonly WindowCollector collector = scope.Collector;
    private readonly SequenceTable seq = batch.Sequences;
    private readonly DecodingSet decoding = batch.Decoding;
    private FrontQueue front;
    private StepPlan step;
    private bool decodesToo; // of a step with prompts: whether sequences decode in it

    /// <summary>Whether the step that was formed has prompts in it.</summary>
    public bool HasPrompts => step.Tokens > 0;

    /// <summary>Forms the next step.</summary>
    /// <param name="now">When it begins.</param>
    /// <param name="inTime">Whoever came later missed its preparation.</param>
    /// <param name="admits">Whether anybody is taken in.</param>
    /// <returns>When something may change without an event of this replica; whether somebody came too late; whether somebody lost its place.</returns>
    public (double Wake, bool Late, bool Lost) Form(double now, double inTime, bool admits)
    {
        if (now >= waiting.NextDeadline)
            batch.DropWhoGaveUp(now);
        double wake = Math.Min(waiting.NextDeadline, Resume(now));
        bool lost = batch.MakeRoomForNextStep(now);
        step = new StepPlan(batch.Settings, decoding.Count);
        bool late = false;
        if (seq.PrefillCount > 0)
            ContinuePrompts(now);
        if (waiting.Count > 0 && admits && !lost)
            wake = Math.Min(wake, Admit(now, inTime, out late));
        if (batch.Settings.Prefetch)
            wake = Math.Min(wake, Prefetcher.Run(batch.Kv, batch.Settings, ref batch.Link, collector, now));
        return (wake, late, lost);
    }

    /// <summary>Prices the step that was formed.</summary>
    /// <returns>How long it takes, seconds.</returns>
    public double PriceStep()
    {
        decodesToo = !batch.Settings.Schedule.PrefillFirst;
        int decodes = decodesToo ? decoding.Count : 0;
        BatchShape shape = step.Batch(decodes, decodes > 0 ? KvTokens(out _, out _) : 0);
        return PipelineRound.Seconds(batch.Settings.Cost, batch.Settings.TokenBudget, shape, out step.Joules);
    }

    /// <summary>Books the step with prompts that was formed.</summary>
    public void FinishStep(int replica, double start, double end)
    {
        int decodes = decodesToo ? decoding.Count : 0;
        double seconds = end - start;
        double seen = front.Step(batch.Settings.Cost.FrontEnd, end, decodes + step.Completed, step.Completed, step.CompletedTokens);
        collector.Joules += step.Joules;
        collector.PrefillTokens += step.Tokens;
        collector.BusySeconds += seconds;
        collector.BatchSeconds += (decodes + step.Sequences) * seconds;
        collector.EngineSteps++;
        if (decodes > 0)
        {
            batch.Count(decodes, 1);
            decoding.Advance(1);
            batch.EndWhoIsDone(seen);
        }

        for (int i = 0; i < seq.PrefillCount; i++)
        {
            int row = seq.Prefill[i];
            if (seq.Chunk[row] == 0)
                continue;
            seq.Done[row] += seq.Chunk[row];
            seq.Chunk[row] = 0;
            if (seq.Done[row] < seq.Target[row])
                continue;
            batch.FinishPrompt(row, seen);
            i--;
        }

        scope.Observer?.Stepped(new StepRecord(replica, start, end, 1, decodes, step.Tokens, step.Sequences, waiting.Count, batch.Kv.Use));
    }

    /// <summary>Plans a run of steps that only decode, until the first sequence ends, blocks run out, or something may change.</summary>
    /// <param name="now">When it begins.</param>
    /// <param name="wake">When something may change.</param>
    public DecodeRun PlanRun(double now, double wake)
    {
        double kvTokens = KvTokens(out double growth, out long steps);
        DecodeRun planned = batch.Settings.Decoding.Run(decoding.Count, kvTokens, growth, out int count);
        count = (int)Math.Min(Math.Min(count, steps), decoding.StepsToNextEnd);
        if (!double.IsPositiveInfinity(wake))
            count = Math.Min(count, planned.StepsUntil(wake - now));

        // What is pushed out may be what prefetch wants back, so with prefetch the run ends where that begins.
        return planned with { Steps = Math.Min(scope.LongestRun, batch.Kv.StepsThatFit(count, !batch.Settings.Prefetch)) };
    }

    /// <summary>Books some steps of a run that only decodes.</summary>
    /// <param name="replica">The replica's number.</param>
    /// <param name="start">When the run began.</param>
    /// <param name="end">When the last of these steps ended.</param>
    /// <param name="run">The run.</param>
    /// <param name="steps">Its steps that are done.</param>
    public void FinishRun(int replica, double start, double end, in DecodeRun run, int steps)
    {
        double seconds = end - start;
        int decodes = decoding.Count;
        double seen = front.Run(batch.Settings.Cost.FrontEnd, start, run, steps, decodes);
        collector.Joules += run.Joules(steps);
        collector.BusySeconds += seconds;
        collector.BatchSeconds += decodes * seconds;
        collector.EngineSteps += steps;
        batch.Count(decodes, steps);

        // Prefixes make way for growing sequences before those that end give their blocks back.
        decoding.Advance(steps - 1);
        batch.Kv.MakeRoom(0);
        decoding.Advance(1);
        batch.EndWhoIsDone(seen);
        scope.Observer?.Stepped(new StepRecord(replica, start, end, steps, decodes, 0, 0, waiting.Count, batch.Kv.Use));
    }

    /// <summary>Becomes a copy of another batcher; its batch is copied by its owner.</summary>
    public void CopyFrom(Batcher other) => (front, step, decodesToo) = (other.front, other.step, other.decodesToo);

    /// <summary>Lets sequences decode whose KV came from elsewhere.</summary>
    /// <returns>When the next one's KV is there; infinity when none is on its way.</returns>
    private double Resume(double now)
    {
        double next = double.PositiveInfinity;
        for (int i = 0; i < seq.PrefillCount; i++)
        {
            int row = seq.Prefill[i];
            if (seq.Ready[row] > now)
            {
                next = Math.Min(next, seq.Ready[row]);
            }
            else if (seq.Done[row] >= seq.Target[row])
            {
                batch.BeginDecoding(row);
                i--;
            }
        }

        return next;
    }

    private void ContinuePrompts(double now)
    {
        foreach (int row in seq.Prefill)
        {
            if (seq.Ready[row] > now)
                continue;
            if (!step.TryTake(seq.Done[row], seq.Target[row], out int chunk))
                return;
            seq.Chunk[row] = chunk;
        }
    }

    /// <summary>Admits waiting requests while the step has room for their prompts.</summary>
    /// <param name="now">When the step begins.</param>
    /// <param name="inTime">Whoever came later missed its preparation.</param>
    /// <param name="late">Whether somebody did.</param>
    /// <returns>When the batch wait ends, or KV of somebody admitted is there; infinity when neither holds anything back.</returns>
    private double Admit(double now, double inTime, out bool late)
    {
        ReplicaSettings settings = batch.Settings;
        late = false;
        if (settings.BatchWaitSeconds > 0)
        {
            double opens = waiting.First.Since + settings.BatchWaitSeconds;
            if (opens > now + Epsilon && !waiting.Fills(settings.MaxSequences - seq.Count, settings.TokenBudget, inTime))
            {
                late = waiting.Last.Since > inTime;
                return opens;
            }
        }

        double wake = double.PositiveInfinity;
        while (waiting.Count > 0 && seq.Count < settings.MaxSequences && step.HasRoom(scope.Trace.PromptTokens[waiting.First.Request]))
        {
            if (waiting.First.Since > inTime)
            {
                late = true;
                break;
            }

            int row = batch.TryAdmitFirst(now);
            if (row < 0)
                break;
            if (seq.Ready[row] > now)
                wake = Math.Min(wake, seq.Ready[row]);
            else if (seq.Done[row] >= seq.Target[row])
                batch.BeginDecoding(row);
            else if (step.TryTake(seq.Done[row], seq.Target[row], out int chunk))
                seq.Chunk[row] = chunk;
        }

        return wake;
    }

    /// <summary>Cached tokens the next step's attention is timed by: those of contexts somewhat longer than they are on average where that matters.</summary>
    /// <param name="growth">Tokens they gain a step.</param>
    /// <param name="steps">Steps for which that holds.</param>
    private double KvTokens(out double growth, out long steps)
    {
        double share = batch.Settings.Cost.Raggedness;
        (growth, steps) = (decoding.TokensPerStep, int.MaxValue);
        if (share == 0)
            return decoding.KvTokens;
        (double longest, double rate, steps) = decoding.Longest();
        growth += share * ((decoding.Count * rate) - growth);
        return decoding.KvTokens + (share * ((decoding.Count * longest) - decoding.KvTokens));
    }
}
