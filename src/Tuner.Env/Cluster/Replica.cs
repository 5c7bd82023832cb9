using Tuner.Env.Costs;
using Tuner.Env.Measurement;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Cluster;

/// <summary>One engine: continuous batching over paged KV blocks.</summary>
/// <remarks>
/// Time moves from event to event. A step with prompt chunks is one event; a run of steps that only decode is one event too
/// (<see cref="DecodeRun"/>), which ends at the first completion, when KV blocks run out, or when something may change: an arrival, KV on
/// its way from host memory, a deadline.
/// </remarks>
internal sealed class Replica
{
    private const double Epsilon = 1e-9;

    private readonly ClusterScope scope;
    private readonly WindowCollector collector;
    private readonly WaitingRoom waiting;
    private readonly SequenceTable seq;
    private readonly DecodingSet decoding;
    private readonly KvMemory kv;
    private readonly Admission admission;

    private ReplicaSettings settings;
    private Upcoming? upcoming; // settings whose weights are being loaded
    private HostLink link;
    private FrontQueue front;
    private DecodeRun run;
    private StepPlan step;
    private double builtAt;
    private double clock;
    private double phaseStart;
    private double lastStart; // when the last step began
    private double pausedUntil;
    private bool decodingPhase; // of a mixed step: whether sequences decode in it
    private bool stepping; // whether a step has just ended: the next may have been prepared while it ran

    public Replica(ReplicaPlace place, in KnobSettings knobs, ReplicaSettings settings, ClusterScope scope, double now)
    {
        (Place, Knobs, Id) = (place, knobs, scope.ReplicasBuilt++);
        builtAt = now;
        this.settings = settings;
        this.scope = scope;
        collector = scope.Collector;
        waiting = new WaitingRoom(scope);
        seq = new SequenceTable(Math.Min(settings.MaxSequences, 256));
        decoding = new DecodingSet(seq);
        kv = new KvMemory(decoding);
        admission = new Admission(scope, seq, kv);
        SetMemory();
        clock = phaseStart = lastStart = now;
    }

    /// <summary>Its number in this run, from 0.</summary>
    public int Id { get; private set; }

    /// <summary>What observers are told of it.</summary>
    public ReplicaRecord Record => new(Id, Knobs.Parallelism, Place.Number, Pool, builtAt);

    /// <summary>Where it stands.</summary>
    public ReplicaPlace Place { get; private set; }

    /// <summary>What was asked of it last.</summary>
    public KnobSettings Knobs { get; private set; }

    public PoolSpec Pool => Place.Pool;

    /// <summary>The first of its GPUs.</summary>
    public int FirstGpu => Place.FirstGpu;

    /// <summary>The GPU after its last.</summary>
    public int EndGpu => Place.EndGpu;

    /// <summary>What it is doing.</summary>
    public ReplicaPhase Phase { get; private set; }

    /// <summary>When its next event happens; infinity when idle.</summary>
    public double PhaseEnd { get; private set; } = double.PositiveInfinity;

    public int Running => seq.Count;

    public int Waiting => waiting.Count;

    /// <summary>Share of KV blocks that running requests use, shared ones counted once.</summary>
    public double KvUse => kv.Use;

    /// <summary>KV blocks that hold something, whether or not a running request uses it.</summary>
    public int HeldBlocks => kv.Held;

    /// <summary>How busy it is, for the router: vLLM's data-parallel balancer counts a waiting request four times.</summary>
    public int Load => (4 * waiting.Count) + seq.Count;

    /// <summary>Whether it takes nobody into its batch, because it is about to be rebuilt.</summary>
    public bool Draining { get; private set; }

    /// <summary>Whether requests sent to it are served without delay by a change.</summary>
    public bool Serves => !Draining && Phase != ReplicaPhase.Paused;

    /// <summary>Whether it stands still for a change, or waits for one.</summary>
    public bool IsChanging => Draining || upcoming is not null || Phase == ReplicaPhase.Paused;

    /// <summary>Whether a request fits its KV memory when nothing else is in it.</summary>
    public bool CanHold(int request) => admission.CanHold(request);

    /// <summary>Leading prefix blocks of a request it holds.</summary>
    public int PrefixMatch(int request) => kv.Cache.MatchLength(scope.Trace.PrefixBlocks(request));

    /// <summary>Takes a request.</summary>
    public void Enqueue(in WaitingRequest request, double now)
    {
        waiting.PushBack(request);
        if (!double.IsNaN(request.FirstToken))
            front.NotBefore(request.FirstToken); // the process in front of another replica may have shown it late
        Tell(RequestEventKind.Queued, request.Request, now);
        switch (Phase)
        {
            case ReplicaPhase.Idle or ReplicaPhase.Waiting:
                // The last step before a change of settings may end after it: the clock is then ahead of the arrival.
                AccountIdle(now);
                clock = Math.Max(clock, now);
                Plan();
                break;
            case ReplicaPhase.Decoding:
                // Whoever stands behind others who found no room changes nothing until the run ends, or a client gives up.
                if (waiting.Count == 1 || settings.BatchWaitSeconds > 0)
                    Shorten(now, settings.Schedule.OverlapsSteps && now > phaseStart + Epsilon ? 1 : 0);
                if (waiting.NextDeadline < PhaseEnd)
                    Shorten(Math.Max(now, waiting.NextDeadline), 0);
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

    /// <summary>Lives up to an instant and counts everything up to the last step boundary before it.</summary>
    public void Settle(double now)
    {
        AdvanceTo(now);
        if (Phase == ReplicaPhase.Decoding)
        {
            int done = run.StepsUntil(now - phaseStart);
            if (phaseStart + run.Seconds(done) > now)
                done--;
            if (done > 0)
            {
                double end = phaseStart + run.Seconds(done);
                DecodeRun rest = run.After(done);
                lastStart = phaseStart + run.Seconds(done - 1);
                FinishDecoding(end, done);
                clock = end;
                Decode(rest);
            }
        }
        else if (Phase is not ReplicaPhase.Mixed)
        {
            AccountIdle(now);
        }

        kv.MakeRoom(0);
    }

    /// <summary>Changes how it runs, after a pause that begins when the step in progress ends.</summary>
    /// <param name="place">Where it stands in the layout to come.</param>
    /// <param name="knobs">What is asked of it.</param>
    /// <param name="next">What that comes to.</param>
    /// <param name="meanwhile">How it runs while weights are loaded; null stands still for that.</param>
    /// <param name="loadSeconds">How long weights take to load.</param>
    /// <param name="pauseSeconds">How long it stands still beside.</param>
    /// <param name="now">When the change is asked for.</param>
    public void Reconfigure(ReplicaPlace place, in KnobSettings knobs, ReplicaSettings next, ReplicaSettings? meanwhile, double loadSeconds, double pauseSeconds, double now)
    {
        StopAtBoundary(now);
        (Place, Knobs, Draining, upcoming) = (place, knobs, false, null);
        if (meanwhile is null || loadSeconds <= 0)
        {
            Adopt(next);
            pausedUntil = Math.Max(pausedUntil, clock + loadSeconds + pauseSeconds);
        }
        else
        {
            Adopt(meanwhile);
            upcoming = new Upcoming(next, now + loadSeconds, pauseSeconds);
        }

        Plan();
    }

    /// <summary>From now on serves those in its batch to their end and takes nobody in.</summary>
    public void Drain(double now)
    {
        Settle(now);
        Draining = true;
    }

    /// <summary>Takes requests into its batch again.</summary>
    public void StopDraining(double now)
    {
        if (!Draining)
            return;
        Draining = false;
        if (Phase is ReplicaPhase.Idle or ReplicaPhase.Waiting)
        {
            AccountIdle(now);
            clock = Math.Max(clock, now);
            Plan();
        }
        else if (Phase == ReplicaPhase.Decoding)
        {
            Shorten(now, 0);
        }
    }

    /// <summary>Hands over everything it holds when the layout changes.</summary>
    /// <param name="now">When.</param>
    /// <param name="keepsKv">Whether the KV of running sequences goes with them.</param>
    /// <param name="into">Receives the requests.</param>
    /// <returns>When its last step ends: at or after the instant.</returns>
    public double Surrender(double now, bool keepsKv, List<WaitingRequest> into)
    {
        StopAtBoundary(now);
        foreach (int row in seq.Order)
        {
            bool decodes = seq.Decodes[row];
            if (decodes)
                StopDecoding(row);
            double done = decodes ? seq.Prompt[row] + seq.Generated[row] : seq.Done[row];
            into.Add(new WaitingRequest(seq.Request[row], seq.Arrival[row], now, seq.Generated[row], keepsKv ? done : 0, 0, 0, 0, clock, seq.FirstToken[row], seq.LossTokens[row]));
            Tell(RequestEventKind.Moved, seq.Request[row], clock);
        }

        for (int i = 0; i < waiting.Count; i++)
        {
            into.Add(waiting[i] with { Kept = keepsKv ? waiting[i].Kept : 0, Swapped = 0, Left = 0 });
            Tell(RequestEventKind.Moved, waiting[i].Request, clock);
        }

        return Math.Max(clock, now);
    }

    /// <summary>Becomes a copy of another replica of the same cluster or of a copy of it.</summary>
    public void CopyFrom(Replica other)
    {
        (Id, Place, Knobs, Phase, PhaseEnd, Draining, builtAt) = (other.Id, other.Place, other.Knobs, other.Phase, other.PhaseEnd, other.Draining, other.builtAt);
        (settings, upcoming, link, front, run, step) = (other.settings, other.upcoming, other.link, other.front, other.run, other.step);
        (clock, phaseStart, lastStart, pausedUntil) = (other.clock, other.phaseStart, other.lastStart, other.pausedUntil);
        (decodingPhase, stepping) = (other.decodingPhase, other.stepping);
        waiting.CopyFrom(other.waiting);
        seq.CopyFrom(other.seq);
        decoding.CopyFrom(other.decoding);
        kv.CopyFrom(other.kv);
    }

    /// <summary>Throws when the books do not balance.</summary>
    /// <exception cref="InvalidOperationException">A count contradicts another.</exception>
    public void CheckInvariants()
    {
        kv.MakeRoom(0);
        int reserved = 0;
        int decodes = 0;
        foreach (int row in seq.Order)
        {
            reserved += seq.OwnBlocks[row];
            double generated = seq.Generated[row];
            if (seq.Decodes[row])
            {
                decodes++;
                generated = decoding.Generated(row);
            }

            if (seq.OwnBlocks[row] < 0 || seq.Done[row] > seq.Target[row] || generated > seq.Output[row] + Epsilon)
                throw new InvalidOperationException($"Sequence {seq.Request[row]} at {clock} s: {seq.OwnBlocks[row]} blocks, {seq.Done[row]} of {seq.Target[row]} prompt tokens, {generated} of {seq.Output[row]} output tokens.");
        }

        PrefixCache cache = kv.Cache;
        if (reserved != kv.Reserved)
            throw new InvalidOperationException($"{reserved} KV blocks set aside for sequences at {clock} s, {kv.Reserved} counted.");
        if (decodes != decoding.Count || seq.Count - decodes != seq.PrefillCount)
            throw new InvalidOperationException($"{seq.Count} sequences at {clock} s, of which {decoding.Count} decode and {seq.PrefillCount} do not.");
        if (kv.Free < 0)
            throw new InvalidOperationException($"{kv.Held} KV blocks in use of {kv.Total} at {clock} s.");
        if (cache.EvictableBlocks > cache.GpuBlocks || cache.HostBlocks > Math.Max(0, cache.HostCapacity))
            throw new InvalidOperationException($"Prefix cache at {clock} s: {cache.EvictableBlocks} evictable of {cache.GpuBlocks}; {cache.HostBlocks} of {cache.HostCapacity} in host memory.");
        if (PhaseEnd < clock)
            throw new InvalidOperationException($"The next event is at {PhaseEnd} s, before {clock} s.");
        int swapped = 0;
        for (int i = 0; i < waiting.Count; i++)
            swapped += waiting[i].Swapped;
        if (swapped != waiting.SwappedBlocks)
            throw new InvalidOperationException($"{swapped} KV blocks swapped out at {clock} s, {waiting.SwappedBlocks} counted.");
    }

    private void SetMemory()
    {
        kv.Total = settings.KvBlocks;
        kv.Lookahead = settings.Cost.Engine.DraftTokens;
        kv.Grows = !settings.Schedule.ReservesOutput;
        LimitHost();
    }

    /// <summary>Sequences that were swapped out take host memory from prefixes.</summary>
    private void LimitHost() => kv.Cache.LimitHost(Math.Max(0, settings.HostBlocks - waiting.SwappedBlocks));

    /// <summary>Takes on settings between two steps.</summary>
    private void Adopt(ReplicaSettings next)
    {
        if (!settings.DecodesLike(next))
        {
            foreach (int row in seq.Order)
            {
                if (!seq.Decodes[row])
                    continue;
                StopDecoding(row);
                StartDecoding(row, next);
            }
        }

        settings = next;
        SetMemory();
        RefuseWhatCannotFit();
        MakeRoomForNextStep();
    }

    private void StopDecoding(int row)
    {
        double before = seq.Generated[row];
        decoding.Leave(row);
        seq.LossTokens[row] += (seq.Generated[row] - before) * settings.QualityLoss;
    }

    private void StartDecoding(int row, ReplicaSettings under)
    {
        int tokens = Math.Max(1, (int)Math.Ceiling(seq.Output[row] - seq.Generated[row] - Epsilon));
        double[] survival = under.Survival[(int)seq.Class[row]];
        decoding.Join(row, survival.Length == 0 ? tokens : DraftLuck.Steps(survival, tokens, scope.Seed, seq.Request[row]));
    }

    private void StopAtBoundary(double now)
    {
        Settle(now);
        if (Phase == ReplicaPhase.Decoding)
            Shorten(now, 0);
        if (Phase is ReplicaPhase.Mixed or ReplicaPhase.Decoding)
            Finish();
        else
            clock = Math.Max(clock, now);
    }

    /// <summary>Ends requests for which less KV memory leaves no room, or they would block the queue for ever.</summary>
    private void RefuseWhatCannotFit()
    {
        for (int i = seq.Count - 1; i >= 0; i--)
        {
            if (!CanHold(seq.Request[seq.Order[i]]))
                Preempt(seq.Order[i]);
        }

        waiting.RefuseUnlessHeld(admission, Id, clock);
        LimitHost();
    }

    private void AccountIdle(double now)
    {
        double idle = now - phaseStart;
        if (idle <= 0)
            return;
        collector.Joules += idle * settings.Cost.IdleWattsPerGpu * settings.Cost.Engine.Gpus;
        if (Phase == ReplicaPhase.Paused)
        {
            collector.PausedSeconds += idle;
            scope.Observer?.Paused(new PauseRecord(Id, phaseStart, now));
        }

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
        double end = PhaseEnd;
        switch (Phase)
        {
            case ReplicaPhase.Mixed:
                clock = end;
                FinishMixed();
                lastStart = phaseStart;
                stepping = true;
                break;
            case ReplicaPhase.Decoding:
                clock = end;
                lastStart = phaseStart + run.Seconds(run.Steps - 1);
                FinishDecoding(end, run.Steps);
                stepping = true;
                break;
            default:
                AccountIdle(end);
                clock = end;
                stepping = false;
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

        if (upcoming is { } coming && clock >= coming.At)
        {
            upcoming = null;
            Adopt(coming.Settings);
            if (coming.PauseSeconds > 0)
            {
                pausedUntil = clock + coming.PauseSeconds;
                Begin(ReplicaPhase.Paused, pausedUntil);
                return;
            }
        }

        if (clock >= waiting.NextDeadline)
            DropWhoGaveUp();
        double wake = Math.Min(waiting.NextDeadline, upcoming?.At ?? double.PositiveInfinity);
        wake = Math.Min(wake, Resume());
        bool lostSome = MakeRoomForNextStep();
        step = new StepPlan(settings, decoding.Count);
        bool late = false;
        if (seq.PrefillCount > 0)
            ContinuePrompts();
        if (waiting.Count > 0 && !Draining && !lostSome)
            wake = Math.Min(wake, Admit(out late));
        if (settings.Prefetch)
            wake = Math.Min(wake, Prefetcher.Run(kv, settings, ref link, collector, clock));
        if (step.Tokens > 0)
            PlanMixed();
        else if (decoding.Count > 0)
            PlanDecoding(late || lostSome ? clock : wake); // somebody may join at the next step
        else if (late)
            PlanAfresh();
        else
            Begin(double.IsPositiveInfinity(wake) ? ReplicaPhase.Idle : ReplicaPhase.Waiting, wake);
    }

    /// <summary>Nothing runs, so nothing was prepared ahead: whoever has arrived may join at once.</summary>
    private void PlanAfresh()
    {
        stepping = false;
        Plan();
    }

    /// <summary>Lets sequences decode whose KV came from elsewhere.</summary>
    /// <returns>When the next one's KV is there; infinity when none is on its way.</returns>
    private double Resume()
    {
        double next = double.PositiveInfinity;
        for (int i = 0; i < seq.PrefillCount; i++)
        {
            int row = seq.Prefill[i];
            if (seq.Ready[row] > clock)
            {
                next = Math.Min(next, seq.Ready[row]);
            }
            else if (seq.Done[row] >= seq.Target[row])
            {
                BeginDecoding(row);
                i--;
            }
        }

        return next;
    }

    private void BeginDecoding(int row)
    {
        seq.EndPrefill(row);
        if (kv.Grows)
        {
            kv.Reserved -= seq.OwnBlocks[row];
            seq.OwnBlocks[row] = 0;
        }

        StartDecoding(row, settings);
    }

    private void ContinuePrompts()
    {
        foreach (int row in seq.Prefill)
        {
            if (seq.Ready[row] > clock)
                continue;
            if (!step.TryTake(seq.Done[row], seq.Target[row], out int chunk))
                return;
            seq.Chunk[row] = chunk;
        }
    }

    /// <summary>Admits waiting requests while the step has room for their prompts.</summary>
    /// <param name="late">Whether somebody arrived after the step was prepared.</param>
    /// <returns>When the batch wait ends, or KV of somebody admitted is there; infinity when neither holds anything back.</returns>
    private double Admit(out bool late)
    {
        late = false;
        double inTime = settings.Schedule.OverlapsSteps && stepping ? lastStart + Epsilon : double.PositiveInfinity;
        if (settings.BatchWaitSeconds > 0)
        {
            double opens = waiting.First.Since + settings.BatchWaitSeconds;
            if (opens > clock + Epsilon && !waiting.Fills(settings.MaxSequences - seq.Count, settings.TokenBudget, inTime))
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

            int row = admission.TryAdmit(waiting.First, settings, ref link, clock);
            if (row < 0)
                break;
            waiting.PopFront();
            LimitHost();
            Tell(RequestEventKind.Admitted, seq.Request[row], clock);
            if (seq.Ready[row] > clock)
                wake = Math.Min(wake, seq.Ready[row]);
            else if (seq.Done[row] >= seq.Target[row])
                BeginDecoding(row);
            else if (step.TryTake(seq.Done[row], seq.Target[row], out int chunk))
                seq.Chunk[row] = chunk;
        }

        return wake;
    }

    private void DropWhoGaveUp()
    {
        waiting.DropWhoGaveUp(Id, clock);
        LimitHost();
        for (int i = 0; i < seq.Count; i++)
        {
            int row = seq.Order[i];
            double deadline = scope.Deadline(seq.Arrival[row], !double.IsNaN(seq.FirstToken[row]));
            if (deadline > clock)
            {
                waiting.Expect(seq.Arrival[row], seq.FirstToken[row]);
                continue;
            }

            End(row, deadline, RequestEnding.TimedOut);
            i--;
        }
    }

    private void PlanMixed()
    {
        decodingPhase = !settings.Schedule.PrefillFirst;
        int decodes = decodingPhase ? decoding.Count : 0;
        BatchShape batch = step.Batch(decodes, decodes > 0 ? KvTokens(out _, out _) : 0);
        double seconds = PipelineRound.Seconds(settings.Cost, settings.TokenBudget, batch, out step.Joules);
        Begin(ReplicaPhase.Mixed, clock + seconds);
    }

    private void FinishMixed()
    {
        int decodes = decodingPhase ? decoding.Count : 0;
        double seconds = clock - phaseStart;
        double seen = front.Step(settings.Cost.FrontEnd, clock, decodes + step.Completed, step.Completed, step.CompletedTokens);
        collector.Joules += step.Joules;
        collector.PrefillTokens += step.Tokens;
        collector.BusySeconds += seconds;
        collector.BatchSeconds += (decodes + step.Sequences) * seconds;
        collector.EngineSteps++;
        if (decodes > 0)
        {
            Count(decodes, 1);
            decoding.Advance(1);
            EndWhoIsDone(seen);
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
            FinishPrompt(row, seen);
            i--;
        }

        scope.Observer?.Stepped(new StepRecord(Id, phaseStart, clock, 1, decodes, step.Tokens, step.Sequences, waiting.Count, kv.Use));
    }

    /// <summary>Books what decoding sequences gain in some steps.</summary>
    private void Count(int decodes, int steps)
    {
        double gained = decoding.TokensPerStep;
        collector.OutputTokens += gained * steps;
        int drafted = settings.Cost.Engine.DraftTokens;
        if (drafted == 0)
            return;
        collector.Drafted += (double)decodes * drafted * steps;
        collector.Accepted += Math.Max(0, gained - decodes) * steps;
    }

    private void EndWhoIsDone(double seen)
    {
        while (decoding.Count > 0 && decoding.StepsToNextEnd <= 0)
            End(decoding.Next, seen, scope.Reads(seq.Request[decoding.Next]).BreaksOff ? RequestEnding.Cancelled : RequestEnding.Completed);
    }

    private void FinishPrompt(int row, double seen)
    {
        ReadOnlySpan<ulong> hashes = scope.Trace.PrefixBlocks(seq.Request[row]);
        if (hashes.Length > 0)
            admission.Share(row, hashes);
        if (seq.Generated[row] < 1)
        {
            seq.Generated[row] = 1;
            seq.LossTokens[row] += settings.QualityLoss;
            seq.FirstToken[row] = seen;
            collector.OutputTokens++;
            collector.FirstToken(seen - seq.Arrival[row], seq.Prompt[row]);
            Tell(RequestEventKind.FirstToken, seq.Request[row], seen);
            if (seq.Output[row] <= 1)
            {
                End(row, seen, scope.Reads(seq.Request[row]).BreaksOff ? RequestEnding.Cancelled : RequestEnding.Completed);
                return;
            }
        }

        BeginDecoding(row);
    }

    private void End(int row, double seen, RequestEnding ending)
    {
        Leave(row);
        double generated = ending == RequestEnding.TimedOut ? Math.Floor(seq.Generated[row] + Epsilon) : seq.Output[row];
        double loss = seq.LossTokens[row] / Math.Max(1, generated);
        var outcome = new RequestOutcome(seq.Request[row], seq.Class[row], seq.Prompt[row], (int)generated, seq.Arrival[row], seq.FirstToken[row], seen, loss, false, ending);
        collector.Ended(outcome with { Met = scope.Objective.Met(outcome) });
        Tell(ending switch { RequestEnding.Completed => RequestEventKind.Completed, RequestEnding.Cancelled => RequestEventKind.Cancelled, _ => RequestEventKind.TimedOut }, seq.Request[row], seen);
    }

    /// <summary>Takes a sequence out of the batch; its columns stay readable until the next admission.</summary>
    private void Leave(int row)
    {
        bool decodes = seq.Decodes[row];
        if (decodes)
            StopDecoding(row);
        kv.GiveBack(seq.OwnBlocks[row] + (decodes && kv.Grows ? KvMemory.BlocksFor(seq.Prompt[row] + seq.Generated[row] + kv.Lookahead) - seq.SharedBlocks[row] : 0));
        kv.Reserved -= seq.OwnBlocks[row];
        ReadOnlySpan<ulong> hashes = scope.Trace.PrefixBlocks(seq.Request[row]);
        for (int b = 0; b < seq.SharedPrefix[row]; b++)
            kv.Cache.Release(hashes[b]);
        seq.Remove(row, decodes);
    }

    private void PlanDecoding(double wake)
    {
        double kvTokens = KvTokens(out double growth, out long steps);
        DecodeRun planned = settings.Decoding.Run(decoding.Count, kvTokens, growth, out int count);
        count = (int)Math.Min(Math.Min(count, steps), decoding.StepsToNextEnd);
        if (!double.IsPositiveInfinity(wake))
            count = Math.Min(count, planned.StepsUntil(wake - clock));

        // What is pushed out may be what prefetch wants back, so with prefetch the run ends where that begins.
        Decode(planned with { Steps = Math.Min(scope.LongestRun, kv.StepsThatFit(count, !settings.Prefetch)) });
    }

    /// <summary>Cached tokens the next step's attention is timed by: those of contexts somewhat longer than they are on average where that matters.</summary>
    /// <param name="growth">Tokens they gain a step.</param>
    /// <param name="steps">Steps for which that holds.</param>
    private double KvTokens(out double growth, out long steps)
    {
        double share = settings.Cost.Raggedness;
        (growth, steps) = (decoding.TokensPerStep, int.MaxValue);
        if (share == 0)
            return decoding.KvTokens;
        (double longest, double rate, steps) = decoding.Longest();
        growth += share * ((decoding.Count * rate) - growth);
        return decoding.KvTokens + (share * ((decoding.Count * longest) - decoding.KvTokens));
    }

    private void Decode(in DecodeRun planned)
    {
        run = planned;
        Begin(ReplicaPhase.Decoding, clock + run.Seconds(run.Steps));
    }

    private void Shorten(double now, int stepsMore)
    {
        int count = run.StepsUntil(now - phaseStart);
        if (count >= run.Steps - stepsMore)
            return;
        run = run with { Steps = count + stepsMore };
        PhaseEnd = phaseStart + run.Seconds(run.Steps);
    }

    private void FinishDecoding(double end, int steps)
    {
        double seconds = end - phaseStart;
        int decodes = decoding.Count;
        double seen = front.Run(settings.Cost.FrontEnd, phaseStart, run, steps, decodes);
        collector.Joules += run.Joules(steps);
        collector.BusySeconds += seconds;
        collector.BatchSeconds += decodes * seconds;
        collector.EngineSteps += steps;
        Count(decodes, steps);

        // Prefixes make way for growing sequences before those that end give their blocks back.
        decoding.Advance(steps - 1);
        kv.MakeRoom(0);
        decoding.Advance(1);
        EndWhoIsDone(seen);
        scope.Observer?.Stepped(new StepRecord(Id, phaseStart, end, steps, decodes, 0, 0, waiting.Count, kv.Use));
    }

    /// <summary>Finds blocks for the next token of every decoding sequence; those admitted last go back to the queue if they run out.</summary>
    /// <returns>Whether somebody lost its place.</returns>
    private bool MakeRoomForNextStep()
    {
        bool lost = false;
        while (!kv.MakeRoom(0) && seq.Count > 0)
        {
            Preempt(seq.Last);
            lost = true;
        }

        return lost;
    }

    private void Preempt(int row)
    {
        bool decodes = seq.Decodes[row];
        double computed = decodes ? seq.Prompt[row] + decoding.Generated(row) - 1 : seq.Done[row];
        int shared = seq.SharedBlocks[row];
        long lostAfter = kv.ReusedAfter;
        Leave(row);
        double kept = 0;
        int swapped = 0;
        int blocks = KvMemory.BlocksFor(computed + 1) - shared;
        if (settings.Swaps && decodes && waiting.SwappedBlocks + blocks <= settings.HostBlocks)
        {
            swapped = blocks;
            collector.LinkSeconds += link.Copy(settings, blocks, clock).Seconds;
            kept = seq.Prompt[row] + seq.Generated[row];
        }

        // Whole blocks stay valid in the free queue until somebody takes them; the last of a sequence are the first in the queue.
        int left = swapped > 0 ? 0 : Math.Max(0, (int)(computed / MemoryPlan.BlockTokens) - shared);
        waiting.PushFront(new WaitingRequest(seq.Request[row], seq.Arrival[row], clock, seq.Generated[row], kept, swapped, left, lostAfter, 0, seq.FirstToken[row], seq.LossTokens[row]));
        if (swapped > 0)
            LimitHost();
        collector.Preemptions++;
        Tell(RequestEventKind.Preempted, seq.Request[row], clock);
    }

    private void Tell(RequestEventKind kind, int request, double when) => scope.Observer?.Happened(new RequestEvent(kind, request, Id, when));

    /// <summary>Settings whose weights are being loaded.</summary>
    private sealed record Upcoming(ReplicaSettings Settings, double At, double PauseSeconds);
}
