using Tuner.Env.Costs;
using Tuner.Env.Measurement;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;

namespace Tuner.Env.Cluster;

/// <summary>One engine: continuous batching with chunked prefill over paged KV blocks.</summary>
/// <remarks>
/// Time moves from event to event. A step with prompt chunks is one event; a run of steps that only decode is one event
/// too, because its steps are alike but for the growing context, on which their time depends linearly: step j takes
/// c₀ + j·d, so n of them take n·c₀ + d·n(n−1)/2. The run ends at the first completion, when admission may become
/// possible, or when KV blocks run out.
/// With pipeline stages a round carries one micro-batch a stage, over which sequences and chunks are spread evenly; it takes
/// stages × (stage time + hop), which is also what a lone micro-batch needs to pass every stage.
/// </remarks>
internal sealed class Replica
{
    private const int MinChunk = 2 * MemoryPlan.BlockTokens;
    private const double Epsilon = 1e-9;

    private readonly TrafficTrace trace;
    private readonly ServiceObjectiveCheck objective;
    private readonly WindowCollector collector;
    private readonly WaitingQueue waiting = new();
    private readonly SequenceTable seq;
    private readonly PrefixCache cache = new();

    private ReplicaSettings settings;
    private double clock;
    private double phaseStart;
    private int steps;
    private double firstStep;
    private double stepGrowth;
    private double pausedUntil;
    private double linkFree;
    private int ownBlocks;

    public Replica(PoolSpec pool, ReplicaSettings settings, TrafficTrace trace, ServiceObjectiveCheck objective, WindowCollector collector, double now)
    {
        Pool = pool;
        this.settings = settings;
        this.trace = trace;
        this.objective = objective;
        this.collector = collector;
        seq = new SequenceTable(settings.MaxSequences);
        cache.LimitHost(settings.HostBlocks);
        clock = now;
        phaseStart = now;
    }

    public PoolSpec Pool { get; }

    /// <summary>What it is doing.</summary>
    public ReplicaPhase Phase { get; private set; }

    /// <summary>When its next event happens; infinity when idle.</summary>
    public double PhaseEnd { get; private set; } = double.PositiveInfinity;

    public int Running => seq.Count;

    public int Waiting => waiting.Count;

    /// <summary>Share of KV blocks that running requests use, shared ones counted once.</summary>
    public double KvUse => (double)(ownBlocks + cache.GpuBlocks - cache.EvictableBlocks) / Math.Max(1, settings.KvBlocks);

    /// <summary>KV blocks that hold something, whether or not a running request uses it.</summary>
    public int HeldBlocks => ownBlocks + cache.GpuBlocks;

    public int KvBlocks => settings.KvBlocks;

    private int FreeBlocks => settings.KvBlocks - ownBlocks - cache.GpuBlocks;

    /// <summary>How busy it is, for the router: vLLM's data-parallel balancer counts a waiting request four times.</summary>
    public int Load => (4 * waiting.Count) + seq.Count;

    /// <summary>Whether a request fits its KV memory when nothing else is in it.</summary>
    public bool CanHold(int request)
        => ((trace.PromptTokens[request] + trace.OutputTokens[request] + 1) / MemoryPlan.BlockTokens) + 2 <= settings.KvBlocks;

    /// <summary>Leading prefix blocks of a request it holds.</summary>
    public int PrefixMatch(int request) => cache.MatchLength(trace.PrefixBlocks(request));

    /// <summary>Takes a request.</summary>
    public void Enqueue(in WaitingRequest request, double now)
    {
        waiting.PushBack(request);
        switch (Phase)
        {
            case ReplicaPhase.Idle or ReplicaPhase.Waiting:
                // The last step before a change of settings may end after it: the clock is then ahead of the arrival.
                AccountIdle(now);
                clock = Math.Max(clock, now);
                Plan();
                break;
            case ReplicaPhase.Decoding:
                Shorten(now);
                break;
        }
    }

    /// <summary>Lives through every event up to an instant.</summary>
    public void AdvanceTo(double now)
    {
        while (PhaseEnd <= now)
        {
            Finish();
            Plan();
        }
    }

    /// <summary>Ends the phase in progress at its first step boundary at or after an instant, and counts time up to it.</summary>
    public void Settle(double now)
    {
        AdvanceTo(now);
        if (Phase == ReplicaPhase.Decoding)
            Shorten(now);
        else if (Phase is not ReplicaPhase.Mixed)
            AccountIdle(now);
    }

    /// <summary>Changes how it runs, after a pause that begins when the step in progress ends.</summary>
    public void Reconfigure(ReplicaSettings next, double pauseSeconds, double now)
    {
        Settle(now);
        if (Phase is ReplicaPhase.Mixed or ReplicaPhase.Decoding)
        {
            Finish();
        }
        else
        {
            clock = Math.Max(clock, now);
        }

        settings = next;
        cache.LimitHost(next.HostBlocks);
        seq.Grow(next.MaxSequences);
        pausedUntil = Math.Max(pausedUntil, clock + pauseSeconds);
        RefuseWhatCannotFit();
        MakeRoom(0);
        while (FreeBlocks < 0 && seq.Count > 0)
        {
            Preempt(seq.Count - 1);
            MakeRoom(0);
        }

        Plan();
    }

    /// <summary>Hands over everything it holds, KV of running sequences included, when the layout changes.</summary>
    /// <returns>When its last step ends: at or after the instant.</returns>
    public double Surrender(double now, List<WaitingRequest> into)
    {
        Settle(now);
        if (Phase is ReplicaPhase.Mixed or ReplicaPhase.Decoding)
            Finish();
        for (int i = 0; i < seq.Count; i++)
        {
            double kept = seq.Decodes(i) ? seq.Prompt[i] + seq.Generated[i] : seq.Done[i];
            into.Add(new WaitingRequest(seq.Request[i], seq.Arrival[i], now, seq.Generated[i], kept, seq.FirstToken[i], seq.LossTokens[i]));
        }

        for (int i = 0; i < waiting.Count; i++)
            into.Add(waiting[i]);
        return Math.Max(clock, now);
    }

    /// <summary>Throws when the books do not balance.</summary>
    /// <exception cref="InvalidOperationException">A count contradicts another.</exception>
    public void CheckInvariants()
    {
        int own = 0;
        for (int i = 0; i < seq.Count; i++)
        {
            own += seq.OwnBlocks[i];
            if (seq.OwnBlocks[i] < 0 || seq.Done[i] > seq.Target[i] || seq.Generated[i] > seq.Output[i] + Epsilon)
                throw new InvalidOperationException($"Sequence {seq.Request[i]} at {clock} s: {seq.OwnBlocks[i]} blocks, {seq.Done[i]} of {seq.Target[i]} prompt tokens, {seq.Generated[i]} of {seq.Output[i]} output tokens.");
        }

        if (own != ownBlocks)
            throw new InvalidOperationException($"{own} KV blocks held by sequences at {clock} s, {ownBlocks} counted.");
        if (FreeBlocks < 0)
            throw new InvalidOperationException($"{ownBlocks + cache.GpuBlocks} KV blocks in use of {settings.KvBlocks} at {clock} s.");
        if (cache.EvictableBlocks > cache.GpuBlocks || cache.HostBlocks > Math.Max(0, cache.HostCapacity))
            throw new InvalidOperationException($"Prefix cache at {clock} s: {cache.EvictableBlocks} evictable of {cache.GpuBlocks}; {cache.HostBlocks} of {cache.HostCapacity} in host memory.");
        if (PhaseEnd < clock)
            throw new InvalidOperationException($"The next event is at {PhaseEnd} s, before {clock} s.");
    }

    /// <summary>Ends requests for which less KV memory leaves no room, or they would block the queue for ever.</summary>
    private void RefuseWhatCannotFit()
    {
        for (int i = seq.Count - 1; i >= 0; i--)
        {
            if (!CanHold(seq.Request[i]))
                Preempt(i);
        }

        for (int left = waiting.Count; left > 0; left--)
        {
            WaitingRequest item = waiting.First;
            waiting.PopFront();
            if (CanHold(item.Request))
                waiting.PushBack(item);
            else
                collector.Ended(RequestOutcome.Refused(trace, item.Request, item.Arrival, clock));
        }
    }

    private static int BlocksFor(double tokens) => (int)Math.Ceiling((tokens - Epsilon) / MemoryPlan.BlockTokens);

    private double Rate(int i) => settings.TokensPerStep[(int)seq.Class[i]];

    private void AccountIdle(double now)
    {
        double idle = now - phaseStart;
        if (idle <= 0)
            return;
        collector.Joules += idle * settings.Cost.IdleWattsPerGpu * settings.Cost.Engine.Gpus;
        if (Phase == ReplicaPhase.Paused)
            collector.PausedSeconds += idle;
        phaseStart = now;
    }

    private void Begin(ReplicaPhase phase, double end)
    {
        Phase = phase;
        phaseStart = clock;
        PhaseEnd = end;
    }

    /// <summary>Ends the phase in progress at <see cref="PhaseEnd"/>, with all it did.</summary>
    private void Finish()
    {
        double seconds = PhaseEnd - phaseStart;
        switch (Phase)
        {
            case ReplicaPhase.Mixed:
                clock = PhaseEnd;
                FinishMixed();
                break;
            case ReplicaPhase.Decoding:
                clock = PhaseEnd;
                FinishDecoding(seconds);
                break;
            default:
                AccountIdle(PhaseEnd);
                clock = PhaseEnd;
                break;
        }
    }

    private void Plan()
    {
        if (pausedUntil > clock)
        {
            Begin(ReplicaPhase.Paused, pausedUntil);
            return;
        }

        double wake = Admit();
        if (settings.Prefetch)
            wake = Math.Min(wake, PrefetchExpected());
        int decoding = 0;
        double decodeKv = 0;
        double growth = 0;
        int pendingPrompts = 0;
        for (int i = 0; i < seq.Count; i++)
        {
            if (seq.Ready[i] > clock)
            {
                wake = Math.Min(wake, seq.Ready[i]);
                continue;
            }

            if (seq.Decodes(i))
            {
                decoding++;
                decodeKv += seq.Prompt[i] + seq.Generated[i];
                growth += Rate(i);
            }
            else
            {
                pendingPrompts++;
            }
        }

        if (decoding == 0 && pendingPrompts == 0)
        {
            Begin(double.IsPositiveInfinity(wake) ? ReplicaPhase.Idle : ReplicaPhase.Waiting, wake);
            return;
        }

        if (pendingPrompts > 0)
            PlanMixed(decoding, decodeKv);
        else
            PlanDecoding(decoding, decodeKv, growth, wake);
    }

    /// <summary>Admits waiting requests while there is room.</summary>
    /// <returns>When the batch wait ends, if only that holds admission back; else infinity.</returns>
    private double Admit()
    {
        if (waiting.Count == 0)
            return double.PositiveInfinity;
        if (settings.BatchWaitSeconds > 0)
        {
            double opens = waiting.First.Since + settings.BatchWaitSeconds;
            if (opens > clock + Epsilon && waiting.Count < settings.MaxSequences - seq.Count && QueuedTokensBelowBudget())
                return opens;
        }

        while (waiting.Count > 0 && seq.Count < settings.MaxSequences && TryAdmit(waiting.First))
            waiting.PopFront();
        return double.PositiveInfinity;
    }

    private bool QueuedTokensBelowBudget()
    {
        long tokens = 0;
        for (int i = 0; i < waiting.Count; i++)
        {
            tokens += trace.PromptTokens[waiting[i].Request];
            if (tokens >= settings.TokenBudget)
                return false;
        }

        return true;
    }

    private bool TryAdmit(in WaitingRequest item)
    {
        int prompt = trace.PromptTokens[item.Request];
        int target = prompt + (int)Math.Ceiling(item.Generated - Epsilon);
        ReadOnlySpan<ulong> hashes = trace.PrefixBlocks(item.Request);
        int blockTokens = trace.PrefixBlockTokens(item.Request);

        // At least one token is always computed: it is what produces the next one.
        int match = blockTokens == 0 ? 0 : Math.Min(cache.MatchLength(hashes), (target - 1) / blockTokens);
        int fromHost = 0;
        int heldIdle = 0;
        int kvPerPrefixBlock = blockTokens / MemoryPlan.BlockTokens;
        for (int b = 0; b < match; b++)
        {
            cache.TryFind(hashes[b], out bool onGpu, out int kvBlocks);
            if (!onGpu)
                fromHost += kvBlocks;
            else if (cache.IsIdle(hashes[b]))
                heldIdle += kvBlocks;
        }

        int own = BlocksFor(target + 1) - (match * kvPerPrefixBlock);

        // vLLM keeps a watermark of 1 % free at admission so that the newcomer is not thrown out at once.
        int watermark = seq.Count > 0 ? settings.KvBlocks / 100 : 0;
        int reachable = FreeBlocks + Math.Max(0, cache.EvictableBlocks - heldIdle);
        if (own + fromHost + watermark > reachable)
            return false;

        double ready = clock;
        for (int b = 0; b < match; b++)
        {
            cache.TryFind(hashes[b], out bool onGpu, out int kvBlocks);
            if (!onGpu)
                MakeRoom(kvBlocks);

            // Making room may have pushed a later block of this very prefix to the host, or out of it.
            if (!cache.TryFind(hashes[b], out onGpu, out kvBlocks))
            {
                match = b;
                own = BlocksFor(target + 1) - (match * kvPerPrefixBlock);
                break;
            }

            (double blockReady, bool prefetched) = cache.Acquire(hashes[b]);
            if (prefetched)
                collector.PrefetchHits++;
            if (!onGpu)
            {
                blockReady = CopyFromHost(kvBlocks);
                cache.SetReady(hashes[b], blockReady);
            }

            ready = Math.Max(ready, blockReady);
        }

        MakeRoom(own);
        if (FreeBlocks < own)
        {
            for (int b = 0; b < match; b++)
                cache.Release(hashes[b]);
            return false;
        }

        int row = seq.Count++;
        int done = Math.Max(match * blockTokens, (int)Math.Min(item.Kept, target));
        bool decodes = item.Kept > 0 && item.Generated > 0 && item.Kept >= prompt + item.Generated - 1 - Epsilon;
        seq.Request[row] = item.Request;
        seq.Prompt[row] = prompt;
        seq.Output[row] = trace.OutputTokens[item.Request];
        seq.Target[row] = target;
        seq.Done[row] = decodes ? target : Math.Min(done, target - 1);
        seq.Chunk[row] = 0;
        seq.OwnBlocks[row] = own;
        seq.SharedPrefixBlocks[row] = match;
        seq.Generated[row] = item.Generated;
        seq.Arrival[row] = item.Arrival;
        seq.FirstToken[row] = item.FirstToken;
        seq.Ready[row] = ready;
        seq.LossTokens[row] = item.LossTokens;
        seq.Class[row] = trace.Classes[item.Request];
        ownBlocks += own;
        collector.CachedTokens += match * blockTokens;
        return true;
    }

    private double CopyFromHost(int kvBlocks)
    {
        double seconds = settings.HostLink.Seconds(kvBlocks, MemoryPlan.BlockTokens * settings.KvBytesPerToken);
        linkFree = Math.Max(linkFree, clock) + seconds;
        collector.LinkSeconds += seconds;
        return linkFree;
    }

    private void MakeRoom(int blocks)
    {
        while (FreeBlocks < blocks && cache.EvictOldest() > 0)
        {
        }
    }

    /// <summary>Brings back what is expected, one block at a time and only over an idle link: what requests need now goes first.</summary>
    /// <returns>When the link is free for the next expected block; infinity when there is none.</returns>
    private double PrefetchExpected()
    {
        while (true)
        {
            bool full = FreeBlocks < settings.KvBlocks / 20;
            if (!cache.TryPredict(full, out ulong hash, out int kvBlocks))
                return double.PositiveInfinity;
            if (linkFree > clock)
                return linkFree;
            if (full && cache.EvictOldest() == 0)
                return double.PositiveInfinity;
            if (FreeBlocks < kvBlocks || !cache.TryFind(hash, out bool onGpu, out _) || onGpu)
                return double.PositiveInfinity;
            cache.Prefetch(hash, CopyFromHost(kvBlocks));
            collector.Prefetched++;
        }
    }

    private StepCost Round(in BatchShape batch, out int microBatches) => settings.Cost.Step(MicroBatch(batch, out microBatches));

    /// <summary>What one pipeline stage works on at a time: the batch itself, or its share while the others are in other stages.</summary>
    private BatchShape MicroBatch(in BatchShape batch, out int microBatches)
    {
        int stages = settings.Cost.Engine.PipelineParallel;
        microBatches = 1;
        if (stages == 1)
            return batch;
        microBatches = Math.Clamp(Math.Max(batch.DecodeSequences, BlocksFor(batch.PrefillTokens)), 1, stages);
        double share = 1.0 / microBatches;
        return new BatchShape(
            (int)Math.Ceiling(batch.PrefillTokens * share),
            Math.Min(batch.PrefillSequences, (int)Math.Ceiling(batch.PrefillSequences * share)),
            batch.PrefillPairs * share,
            batch.PrefillKvTokens * share,
            (int)Math.Ceiling(batch.PrefillsCompleted * share),
            (int)Math.Ceiling(batch.DecodeSequences * share),
            batch.DecodeKvTokens * share);
    }

    private double RoundSeconds(in StepCost cost) => settings.Cost.Engine.PipelineParallel * (cost.StageSeconds + cost.HopSeconds);

    private void PlanMixed(int decoding, double decodeKv)
    {
        int verified = settings.Cost.Engine.DraftTokens + 1;
        int budget = settings.TokenBudget * settings.Cost.Engine.PipelineParallel;

        // FCFS must not starve: a prompt advances by two blocks a step even where decoding fills the budget.
        int left = Math.Max(MinChunk, budget - (decoding * verified));
        int tokens = 0;
        int sequences = 0;
        int completed = 0;
        double pairs = 0;
        double kv = 0;
        for (int i = 0; i < seq.Count; i++)
        {
            seq.Chunk[i] = 0;
            if (left == 0 || seq.Decodes(i) || seq.Ready[i] > clock)
                continue;
            int chunk = Math.Min(left, seq.Target[i] - seq.Done[i]);
            seq.Chunk[i] = chunk;
            left -= chunk;
            tokens += chunk;
            sequences++;
            pairs += chunk * (seq.Done[i] + (0.5 * chunk));
            kv += seq.Done[i];
            if (seq.Done[i] + chunk == seq.Target[i])
                completed++;
        }

        StepCost cost = Round(new BatchShape(tokens, sequences, pairs, kv, completed, decoding, decodeKv), out int microBatches);
        Record(cost.Joules * microBatches, decoding, verified, 1);
        collector.PrefillTokens += tokens;
        steps = 1;
        double seconds = RoundSeconds(cost);
        collector.BatchSeconds += (decoding + sequences) * seconds;
        Begin(ReplicaPhase.Mixed, clock + seconds);
        collector.BusySeconds += seconds;
    }

    private void Record(double joules, int decoding, int verified, int count)
    {
        collector.Joules += joules;
        if (verified > 1)
            collector.Drafted += (double)decoding * (verified - 1) * count;
    }

    private void FinishMixed()
    {
        int kept = 0;
        GrowBlocksOrPreempt(1);
        for (int i = 0; i < seq.Count; i++)
        {
            bool ended = false;
            if (seq.Chunk[i] > 0)
            {
                seq.Done[i] += seq.Chunk[i];
                seq.Chunk[i] = 0;
                if (seq.Done[i] == seq.Target[i])
                    ended = FinishPrompt(i);
            }
            else if (seq.Decodes(i) && seq.Ready[i] <= phaseStart)
            {
                ended = Produce(i, 1);
            }

            if (ended)
                continue;
            if (kept != i)
                seq.Move(i, kept);
            kept++;
        }

        seq.Count = kept;
    }

    private bool FinishPrompt(int i)
    {
        ReadOnlySpan<ulong> hashes = trace.PrefixBlocks(seq.Request[i]);
        int kvPerPrefixBlock = trace.PrefixBlockTokens(seq.Request[i]) / MemoryPlan.BlockTokens;
        while (seq.SharedPrefixBlocks[i] < hashes.Length && cache.TryAdd(hashes[seq.SharedPrefixBlocks[i]], kvPerPrefixBlock))
        {
            seq.SharedPrefixBlocks[i]++;
            seq.OwnBlocks[i] -= kvPerPrefixBlock;
            ownBlocks -= kvPerPrefixBlock;
        }

        if (seq.Generated[i] >= 1)
            return false;
        seq.Generated[i] = 1;
        seq.LossTokens[i] += settings.QualityLoss;
        seq.FirstToken[i] = clock;
        collector.OutputTokens++;
        collector.FirstToken(clock - seq.Arrival[i], seq.Prompt[i]);
        if (seq.Output[i] > 1)
            return false;
        End(i);
        return true;
    }

    /// <summary>Adds the tokens of some decode steps to a sequence. True when it is finished, and has left.</summary>
    private bool Produce(int i, int count)
    {
        double tokens = Math.Min(count * Rate(i), seq.Output[i] - seq.Generated[i]);
        seq.Generated[i] += tokens;
        seq.LossTokens[i] += tokens * settings.QualityLoss;
        collector.OutputTokens += tokens;
        if (settings.Cost.Engine.DraftTokens > 0)
            collector.Accepted += Math.Max(0, tokens - count);
        if (seq.Generated[i] < seq.Output[i] - Epsilon)
            return false;
        seq.Generated[i] = seq.Output[i];
        End(i);
        return true;
    }

    private void End(int i)
    {
        Free(i);
        double loss = seq.LossTokens[i] / seq.Output[i];
        var outcome = new RequestOutcome(seq.Request[i], seq.Class[i], seq.Prompt[i], seq.Output[i], seq.Arrival[i], seq.FirstToken[i], clock, loss, false);
        collector.Ended(outcome with { Met = objective.Met(outcome) });
    }

    private void Free(int i)
    {
        ownBlocks -= seq.OwnBlocks[i];
        ReadOnlySpan<ulong> hashes = trace.PrefixBlocks(seq.Request[i]);
        for (int b = 0; b < seq.SharedPrefixBlocks[i]; b++)
            cache.Release(hashes[b]);
    }

    private void PlanDecoding(int decoding, double decodeKv, double growth, double wake)
    {
        var batch = new BatchShape(0, 0, 0, 0, 0, decoding, decodeKv);
        firstStep = RoundSeconds(Round(batch, out _));
        stepGrowth = Math.Max(0, RoundSeconds(Round(batch with { DecodeKvTokens = decodeKv + growth }, out _)) - firstStep);

        // Steps are summed as an arithmetic series, so the run ends where their time stops growing evenly.
        double bend = settings.Cost.NextBend(MicroBatch(batch, out int microBatches)) * microBatches;
        int count = bend > decodeKv + (growth * int.MaxValue) ? int.MaxValue : 1 + (int)Math.Max(0, Math.Floor((bend - decodeKv) / growth));
        for (int i = 0; i < seq.Count; i++)
        {
            if (seq.Decodes(i) && seq.Ready[i] <= clock)
                count = Math.Min(count, Math.Max(1, (int)Math.Ceiling(((seq.Output[i] - seq.Generated[i]) / Rate(i)) - Epsilon)));
        }

        if (!double.IsPositiveInfinity(wake))
            count = Math.Min(count, StepsUntil(wake - clock));
        while (count > 1 && ExtraBlocks(count) > FreeBlocks + cache.EvictableBlocks)
            count /= 2;
        steps = count;
        Begin(ReplicaPhase.Decoding, clock + Duration(count));
    }

    /// <summary>Seconds of the first n steps of the run.</summary>
    private double Duration(int n) => (n * firstStep) + (stepGrowth * 0.5 * n * (n - 1));

    /// <summary>The fewest steps, at least one, that last at least so long.</summary>
    private int StepsUntil(double seconds)
    {
        if (seconds <= firstStep)
            return 1;
        double half = 0.5 * stepGrowth;
        double b = firstStep - half;
        double n = half > 0 ? (-b + Math.Sqrt((b * b) + (4 * half * seconds))) / (2 * half) : seconds / firstStep;
        if (n > 1e9)
            return int.MaxValue;
        int count = Math.Max(1, (int)Math.Ceiling(n - Epsilon));
        while (count > 1 && Duration(count - 1) >= seconds)
            count--;
        while (Duration(count) < seconds)
            count++;
        return count;
    }

    private void Shorten(double now)
    {
        int count = StepsUntil(now - phaseStart);
        if (count >= steps)
            return;
        steps = count;
        PhaseEnd = phaseStart + Duration(count);
    }

    private int ExtraBlocks(int count)
    {
        int extra = 0;
        for (int i = 0; i < seq.Count; i++)
        {
            if (seq.Decodes(i) && seq.Ready[i] <= clock)
                extra += Math.Max(0, NeededBlocks(i, count) - seq.OwnBlocks[i]);
        }

        return extra;
    }

    private int NeededBlocks(int i, int count)
    {
        double tokens = Math.Min(seq.Generated[i] + (count * Rate(i)), seq.Output[i]);
        int shared = seq.SharedPrefixBlocks[i] * (trace.PrefixBlockTokens(seq.Request[i]) / MemoryPlan.BlockTokens);
        return BlocksFor(seq.Prompt[i] + tokens) - shared;
    }

    /// <summary>Gives every decoding sequence the blocks its next tokens need; the last admitted goes back to the queue if they run out.</summary>
    private void GrowBlocksOrPreempt(int count)
    {
        for (int i = 0; i < seq.Count; i++)
        {
            if (!seq.Decodes(i) || seq.Ready[i] > phaseStart)
                continue;
            int extra = NeededBlocks(i, count) - seq.OwnBlocks[i];
            if (extra <= 0)
                continue;
            MakeRoom(extra);
            while (FreeBlocks < extra && seq.Count - 1 > i)
            {
                Preempt(seq.Count - 1);
                MakeRoom(extra);
            }

            if (FreeBlocks < extra)
            {
                // Alone and still too large: admission refused what can never fit, so others' blocks will come free.
                Preempt(i);
                return;
            }

            seq.OwnBlocks[i] += extra;
            ownBlocks += extra;
        }
    }

    private void Preempt(int i)
    {
        Free(i);
        waiting.PushFront(new WaitingRequest(seq.Request[i], seq.Arrival[i], clock, seq.Generated[i], 0, seq.FirstToken[i], seq.LossTokens[i]));
        collector.Preemptions++;
        for (int row = i + 1; row < seq.Count; row++)
            seq.Move(row, row - 1);
        seq.Count--;
    }

    private void FinishDecoding(double seconds)
    {
        int decoding = 0;
        double kv = 0;
        double growth = 0;
        for (int i = 0; i < seq.Count; i++)
        {
            if (!seq.Decodes(i) || seq.Ready[i] > phaseStart)
                continue;
            decoding++;
            kv += seq.Prompt[i] + seq.Generated[i];
            growth += Rate(i);
        }

        StepCost middle = Round(new BatchShape(0, 0, 0, 0, 0, decoding, kv + (growth * 0.5 * (steps - 1))), out int microBatches);
        Record(middle.Joules * microBatches * steps, decoding, settings.Cost.Engine.DraftTokens + 1, steps);
        collector.BusySeconds += seconds;
        collector.BatchSeconds += decoding * seconds;

        GrowBlocksOrPreempt(steps);
        int kept = 0;
        for (int i = 0; i < seq.Count; i++)
        {
            if (seq.Decodes(i) && seq.Ready[i] <= phaseStart && Produce(i, steps))
                continue;
            if (kept != i)
                seq.Move(i, kept);
            kept++;
        }

        seq.Count = kept;
    }
}
