using Tuner.Env.Costs;
using Tuner.Env.Measurement;

namespace Tuner.Env.Cluster;

/// <summary>The sequences in a replica's batch and their KV blocks: how they begin to decode, what they gain, and how they leave.</summary>
internal sealed class RunningBatch
{
    private const double Epsilon = 1e-9;

    private readonly ClusterScope scope;
    private readonly WindowCollector collector;
    private readonly WaitingRoom waiting;
    private readonly Admission admission;
    private int replica;
    private HostLink link;

    /// <summary>Begins an empty batch.</summary>
    /// <param name="scope">The cluster.</param>
    /// <param name="waiting">Where those go back to who lose their place.</param>
    /// <param name="settings">How the replica runs.</param>
    /// <param name="replica">Its number.</param>
    public RunningBatch(ClusterScope scope, WaitingRoom waiting, ReplicaSettings settings, int replica)
    {
        (this.scope, this.waiting, this.replica, Settings) = (scope, waiting, replica, settings);
        collector = scope.Collector;
        Sequences = new SequenceTable(Math.Min(settings.MaxSequences, 256));
        Decoding = new DecodingSet(Sequences);
        Kv = new KvMemory(Decoding);
        admission = new Admission(scope, Sequences, Kv);
        SetMemory();
    }

    /// <summary>How the replica runs.</summary>
    public ReplicaSettings Settings { get; private set; }

    /// <summary>The sequences, admitted and not yet gone.</summary>
    public SequenceTable Sequences { get; }

    /// <summary>Those of them that decode.</summary>
    public DecodingSet Decoding { get; }

    /// <summary>Their KV blocks, and those of cached prefixes.</summary>
    public KvMemory Kv { get; }

    /// <summary>The link to host memory.</summary>
    public ref HostLink Link => ref link;

    /// <summary>Quality lost so far, points summed over sequences, each the mean over its tokens.</summary>
    public double QualityLoss
    {
        get
        {
            double sum = 0;
            foreach (int row in Sequences.Order)
            {
                double generated = Sequences.Decodes[row] ? Decoding.Generated(row) : Sequences.Generated[row];
                sum += (Sequences.LossTokens[row] + ((generated - Sequences.Generated[row]) * Settings.QualityLoss)) / Math.Max(1, generated);
            }

            return sum;
        }
    }

    /// <summary>Whether a request fits the KV memory when nothing else is in it.</summary>
    public bool CanHold(int request) => admission.CanHold(request);

    /// <summary>Gives the request whose turn it is a place.</summary>
    /// <returns>Its row; −1 when there is no room.</returns>
    public int TryAdmitFirst(double now)
    {
        int row = admission.TryAdmit(waiting.First, Settings, ref link, now);
        if (row < 0)
            return row;
        waiting.PopFront();
        LimitHost();
        Tell(RequestEventKind.Admitted, Sequences.Request[row], now);
        return row;
    }

    /// <summary>Takes on settings between two steps.</summary>
    public void Adopt(ReplicaSettings next, double now)
    {
        if (!Settings.DecodesLike(next))
        {
            foreach (int row in Sequences.Order)
            {
                if (!Sequences.Decodes[row])
                    continue;
                StopDecoding(row);
                StartDecoding(row, next);
            }
        }

        Settings = next;
        SetMemory();
        RefuseWhatCannotFit(now);
        MakeRoomForNextStep(now);
    }

    /// <summary>Lets a sequence decode whose prompt is processed.</summary>
    public void BeginDecoding(int row)
    {
        Sequences.EndPrefill(row);
        if (Kv.Grows)
        {
            Kv.Reserved -= Sequences.OwnBlocks[row];
            Sequences.OwnBlocks[row] = 0;
        }

        StartDecoding(row, Settings);
    }

    /// <summary>Books what decoding sequences gain in some steps.</summary>
    public void Count(int decodes, int steps)
    {
        double gained = Decoding.TokensPerStep;
        collector.OutputTokens += gained * steps;
        int drafted = Settings.Cost.Engine.DraftTokens;
        if (drafted == 0)
            return;
        collector.Drafted += (double)decodes * drafted * steps;
        collector.Accepted += Math.Max(0, gained - decodes) * steps;
    }

    /// <summary>Ends those that have all their tokens.</summary>
    /// <param name="seen">When clients see the last of them.</param>
    public void EndWhoIsDone(double seen)
    {
        while (Decoding.Count > 0 && Decoding.StepsToNextEnd <= 0)
            End(Decoding.Next, seen, EndingOf(Decoding.Next));
    }

    /// <summary>A sequence's prompt is processed: its first token is there, and it decodes or is done.</summary>
    public void FinishPrompt(int row, double seen)
    {
        ReadOnlySpan<ulong> hashes = scope.Trace.PrefixBlocks(Sequences.Request[row]);
        if (hashes.Length > 0)
            admission.Share(row, hashes);
        if (Sequences.Generated[row] < 1)
        {
            Sequences.Generated[row] = 1;
            Sequences.LossTokens[row] += Settings.QualityLoss;
            Sequences.FirstToken[row] = seen;
            collector.OutputTokens++;
            collector.FirstToken(seen - Sequences.Arrival[row], Sequences.Prompt[row]);
            Tell(RequestEventKind.FirstToken, Sequences.Request[row], seen);
            if (Sequences.Output[row] <= 1)
            {
                End(row, seen, EndingOf(row));
                return;
            }
        }

        BeginDecoding(row);
    }

    /// <summary>Drops those, waiting or running, whose clients have given up.</summary>
    public void DropWhoGaveUp(double now)
    {
        waiting.DropWhoGaveUp(replica, now);
        LimitHost();
        for (int i = 0; i < Sequences.Count; i++)
        {
            int row = Sequences.Order[i];
            double deadline = scope.Deadline(Sequences.Arrival[row], !double.IsNaN(Sequences.FirstToken[row]));
            if (deadline > now)
            {
                waiting.Expect(Sequences.Arrival[row], Sequences.FirstToken[row]);
                continue;
            }

            End(row, deadline, RequestEnding.TimedOut);
            i--;
        }
    }

    /// <summary>Finds blocks for the next token of every decoding sequence; those admitted last go back to the queue if they run out.</summary>
    /// <returns>Whether somebody lost its place.</returns>
    public bool MakeRoomForNextStep(double now)
    {
        bool lost = false;
        while (!Kv.MakeRoom(0) && Sequences.Count > 0)
        {
            Preempt(Sequences.Last, now);
            lost = true;
        }

        return lost;
    }

    /// <summary>Hands over all requests, running and waiting.</summary>
    /// <param name="now">When that is asked for.</param>
    /// <param name="stopped">When the last step ended.</param>
    /// <param name="keepsKv">Whether the KV of running sequences goes with them.</param>
    /// <param name="into">Receives the requests.</param>
    public void Surrender(double now, double stopped, bool keepsKv, List<WaitingRequest> into)
    {
        SequenceTable seq = Sequences;
        foreach (int row in seq.Order)
        {
            bool decodes = seq.Decodes[row];
            if (decodes)
                StopDecoding(row);
            double done = decodes ? seq.Prompt[row] + seq.Generated[row] : seq.Done[row];
            into.Add(new WaitingRequest(seq.Request[row], seq.Arrival[row], now, seq.Generated[row], keepsKv ? done : 0, 0, 0, 0, stopped, seq.FirstToken[row], seq.LossTokens[row]));
            Tell(RequestEventKind.Moved, seq.Request[row], stopped);
        }

        for (int i = 0; i < waiting.Count; i++)
        {
            into.Add(waiting[i] with { Kept = keepsKv ? waiting[i].Kept : 0, Swapped = 0, Left = 0 });
            Tell(RequestEventKind.Moved, waiting[i].Request, stopped);
        }
    }

    /// <summary>Becomes a copy of another batch; its queue is copied by its owner.</summary>
    public void CopyFrom(RunningBatch other)
    {
        (Settings, link, replica) = (other.Settings, other.link, other.replica);
        Sequences.CopyFrom(other.Sequences);
        Decoding.CopyFrom(other.Decoding);
        Kv.CopyFrom(other.Kv);
    }

    /// <summary>Throws when the books do not balance.</summary>
    /// <exception cref="InvalidOperationException">A count contradicts another.</exception>
    public void CheckInvariants(double now) => BatchInvariants.Check(this, waiting, now);

    private void SetMemory()
    {
        Kv.Total = Settings.KvBlocks;
        Kv.Lookahead = Settings.Cost.Engine.DraftTokens;
        Kv.Grows = !Settings.Schedule.ReservesOutput;
        LimitHost();
    }

    /// <summary>Sequences that were swapped out take host memory from prefixes.</summary>
    private void LimitHost() => Kv.Cache.LimitHost(Math.Max(0, Settings.HostBlocks - waiting.SwappedBlocks));

    /// <summary>Ends requests for which less KV memory leaves no room, or they would block the queue for ever.</summary>
    private void RefuseWhatCannotFit(double now)
    {
        for (int i = Sequences.Count - 1; i >= 0; i--)
        {
            if (!CanHold(Sequences.Request[Sequences.Order[i]]))
                Preempt(Sequences.Order[i], now);
        }

        waiting.RefuseUnlessHeld(admission, replica, now);
        LimitHost();
    }

    private void StartDecoding(int row, ReplicaSettings under)
    {
        int tokens = Math.Max(1, (int)Math.Ceiling(Sequences.Output[row] - Sequences.Generated[row] - Epsilon));
        double[] survival = under.Survival[(int)Sequences.Class[row]];
        Decoding.Join(row, survival.Length == 0 ? tokens : DraftLuck.Steps(survival, tokens, scope.Seed, Sequences.Request[row]));
    }

    private void StopDecoding(int row)
    {
        double before = Sequences.Generated[row];
        Decoding.Leave(row);
        Sequences.LossTokens[row] += (Sequences.Generated[row] - before) * Settings.QualityLoss;
    }

    private RequestEnding EndingOf(int row) => scope.Reads(Sequences.Request[row]).BreaksOff ? RequestEnding.Cancelled : RequestEnding.Completed;

    private void End(int row, double seen, RequestEnding ending)
    {
        SequenceTable seq = Sequences;
        Leave(row);
        if (ending != RequestEnding.TimedOut)
            seen = Math.Max(seen, seq.FirstToken[row]); // which the process in front of another replica may have shown late
        double generated = ending == RequestEnding.TimedOut ? Math.Floor(seq.Generated[row] + Epsilon) : seq.Output[row];
        double loss = seq.LossTokens[row] / Math.Max(1, generated);
        var outcome = new RequestOutcome(seq.Request[row], seq.Class[row], seq.Prompt[row], (int)generated, seq.Arrival[row], seq.FirstToken[row], seen, loss, false, ending);
        collector.Ended(outcome with { Met = scope.Objective.Met(outcome) });
        Tell(ending switch { RequestEnding.Completed => RequestEventKind.Completed, RequestEnding.Cancelled => RequestEventKind.Cancelled, _ => RequestEventKind.TimedOut }, seq.Request[row], seen);
    }

    /// <summary>Takes a sequence out of the batch; its columns stay readable until the next admission.</summary>
    private void Leave(int row)
    {
        SequenceTable seq = Sequences;
        bool decodes = seq.Decodes[row];
        if (decodes)
            StopDecoding(row);
        Kv.GiveBack(seq.OwnBlocks[row] + (decodes && Kv.Grows ? KvMemory.BlocksFor(seq.Prompt[row] + seq.Generated[row] + Kv.Lookahead) - seq.SharedBlocks[row] : 0));
        Kv.Reserved -= seq.OwnBlocks[row];
        ReadOnlySpan<ulong> hashes = scope.Trace.PrefixBlocks(seq.Request[row]);
        for (int b = 0; b < seq.SharedPrefix[row]; b++)
            Kv.Cache.Release(hashes[b]);
        seq.Remove(row, decodes);
    }

    private void Preempt(int row, double now)
    {
        SequenceTable seq = Sequences;
        bool decodes = seq.Decodes[row];
        double computed = decodes ? seq.Prompt[row] + Decoding.Generated(row) - 1 : seq.Done[row];
        int shared = seq.SharedBlocks[row];
        long lostAfter = Kv.ReusedAfter;
        Leave(row);
        double kept = 0;
        int swapped = 0;
        int blocks = KvMemory.BlocksFor(computed + 1) - shared;
        if (Settings.Swaps && decodes && waiting.SwappedBlocks + blocks <= Settings.HostBlocks)
        {
            swapped = blocks;
            collector.LinkSeconds += link.Copy(Settings, blocks, now).Seconds;
            kept = seq.Prompt[row] + seq.Generated[row];
        }

        // Whole blocks stay valid in the free queue until somebody takes them; the last of a sequence are the first in the queue.
        int left = swapped > 0 ? 0 : Math.Max(0, (int)(computed / MemoryPlan.BlockTokens) - shared);
        waiting.PushFront(new WaitingRequest(seq.Request[row], seq.Arrival[row], now, seq.Generated[row], kept, swapped, left, lostAfter, 0, seq.FirstToken[row], seq.LossTokens[row]));
        if (swapped > 0)
            LimitHost();
        collector.Preemptions++;
        Tell(RequestEventKind.Preempted, seq.Request[row], now);
    }

    private void Tell(RequestEventKind kind, int request, double when) => scope.Observer?.Happened(new RequestEvent(kind, request, replica, when));
}
