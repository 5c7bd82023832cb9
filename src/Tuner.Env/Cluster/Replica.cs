using Tuner.Env.Measurement;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Cluster;

/// <summary>One engine: continuous batching over paged KV blocks. What it does when; its <see cref="Batcher"/> says who takes part.</summary>
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
    private readonly RunningBatch batch;
    private readonly Batcher batcher;

    private Upcoming? upcoming; // settings whose weights are being loaded
    private DecodeRun run;
    private double builtAt;
    private double clock;
    private double phaseStart;
    private double lastStart; // when the last step began
    private double pausedUntil;
    private bool stepping; // whether a step has just ended: the next may have been prepared while it ran

    public Replica(ReplicaPlace place, in KnobSettings knobs, ReplicaSettings settings, ClusterScope scope, double now)
    {
        (Place, Knobs, Id) = (place, knobs, scope.ReplicasBuilt++);
        builtAt = now;
        this.scope = scope;
        collector = scope.Collector;
        waiting = new WaitingRoom(scope);
        batch = new RunningBatch(scope, waiting, settings, Id);
        batcher = new Batcher(scope, waiting, batch);
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

    private ReplicaSettings Settings => batch.Settings;

    /// <summary>The first of its GPUs.</summary>
    public int FirstGpu => Place.FirstGpu;

    /// <summary>The GPU after its last.</summary>
    public int EndGpu => Place.EndGpu;

    /// <summary>What it is doing.</summary>
    public ReplicaPhase Phase { get; private set; }

    /// <summary>When its next event happens; infinity when idle.</summary>
    public double PhaseEnd { get; private set; } = double.PositiveInfinity;

    public int Running => batch.Sequences.Count;

    public int Waiting => waiting.Count;

    /// <summary>Quality lost so far by running requests, points summed over them.</summary>
    public double QualityLoss => batch.QualityLoss;

    /// <summary>Share of KV blocks that running requests use, shared ones counted once.</summary>
    public double KvUse => batch.Kv.Use;

    /// <summary>KV blocks that hold something, whether or not a running request uses it.</summary>
    public int HeldBlocks => batch.Kv.Held;

    /// <summary>How busy it is, for the router: vLLM's data-parallel balancer counts a waiting request four times.</summary>
    public int Load => (4 * waiting.Count) + Running;

    /// <summary>Whether it takes nobody into its batch, because it is about to be rebuilt.</summary>
    public bool Draining { get; private set; }

    /// <summary>Whether requests sent to it are served without delay by a change.</summary>
    public bool Serves => !Draining && Phase != ReplicaPhase.Paused;

    /// <summary>Whether it stands still for a change, or waits for one.</summary>
    public bool IsChanging => Draining || upcoming is not null || Phase == ReplicaPhase.Paused;

    /// <summary>Whether a request fits its KV memory when nothing else is in it.</summary>
    public bool CanHold(int request) => batch.CanHold(request);

    /// <summary>Leading prefix blocks of a request it holds.</summary>
    public int PrefixMatch(int request) => batch.Kv.Cache.MatchLength(scope.Trace.PrefixBlocks(request));

    /// <summary>Takes a request.</summary>
    public void Enqueue(in WaitingRequest request, double now)
    {
        waiting.PushBack(request);
        scope.Observer?.Happened(new RequestEvent(RequestEventKind.Queued, request.Request, Id, now));
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
                if (waiting.Count == 1 || Settings.BatchWaitSeconds > 0)
                    Shorten(now, Settings.Schedule.OverlapsSteps && now > phaseStart + Epsilon ? 1 : 0);
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
                batcher.FinishRun(Id, phaseStart, end, run, done);
                clock = end;
                Decode(rest);
            }
        }
        else if (Phase is not ReplicaPhase.Mixed)
        {
            AccountIdle(now);
        }

        batch.Kv.MakeRoom(0);
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
            batch.Adopt(next, clock);
            pausedUntil = Math.Max(pausedUntil, clock + loadSeconds + pauseSeconds);
        }
        else
        {
            batch.Adopt(meanwhile, clock);
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
        batch.Surrender(now, clock, keepsKv, into);
        return Math.Max(clock, now);
    }

    /// <summary>Becomes a copy of another replica of the same cluster or of a copy of it.</summary>
    public void CopyFrom(Replica other)
    {
        (Id, Place, Knobs, Phase, PhaseEnd, Draining, builtAt) = (other.Id, other.Place, other.Knobs, other.Phase, other.PhaseEnd, other.Draining, other.builtAt);
        (upcoming, run, stepping) = (other.upcoming, other.run, other.stepping);
        (clock, phaseStart, lastStart, pausedUntil) = (other.clock, other.phaseStart, other.lastStart, other.pausedUntil);
        waiting.CopyFrom(other.waiting);
        batch.CopyFrom(other.batch);
        batcher.CopyFrom(other.batcher);
    }

    /// <summary>Throws when the books do not balance.</summary>
    /// <exception cref="InvalidOperationException">A count contradicts another.</exception>
    public void CheckInvariants()
    {
        batch.CheckInvariants(clock);
        if (PhaseEnd < clock)
            throw new InvalidOperationException($"The next event is at {PhaseEnd} s, before {clock} s.");
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

    private void AccountIdle(double now)
    {
        double idle = now - phaseStart;
        if (idle <= 0)
            return;
        collector.Joules += idle * Settings.Cost.IdleWattsPerGpu * Settings.Cost.Engine.Gpus;
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
                batcher.FinishStep(Id, phaseStart, end);
                lastStart = phaseStart;
                stepping = true;
                break;
            case ReplicaPhase.Decoding:
                clock = end;
                lastStart = phaseStart + run.Seconds(run.Steps - 1);
                batcher.FinishRun(Id, phaseStart, end, run, run.Steps);
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
            batch.Adopt(coming.Settings, clock);
            if (coming.PauseSeconds > 0)
            {
                pausedUntil = clock + coming.PauseSeconds;
                Begin(ReplicaPhase.Paused, pausedUntil);
                return;
            }
        }

        double inTime = Settings.Schedule.OverlapsSteps && stepping ? lastStart + Epsilon : double.PositiveInfinity;
        (double wake, bool late, bool lost) = batcher.Form(clock, inTime, !Draining);
        wake = Math.Min(wake, upcoming?.At ?? double.PositiveInfinity);
        if (batcher.HasPrompts)
            Begin(ReplicaPhase.Mixed, clock + batcher.PriceStep());
        else if (batch.Decoding.Count > 0)
            Decode(batcher.PlanRun(clock, late || lost ? clock : wake)); // somebody may join at the next step
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

    /// <summary>Settings whose weights are being loaded.</summary>
    private sealed record Upcoming(ReplicaSettings Settings, double At, double PauseSeconds);
}
