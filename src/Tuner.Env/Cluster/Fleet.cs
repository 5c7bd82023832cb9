using Tuner.Env.Measurement;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Cluster;

/// <summary>The replicas of a cluster, and how they change.</summary>
/// <remarks>
/// A change is dealt with in groups of GPUs: replicas before and after it cover the same ones. All groups begin at once or, where the
/// scenario rolls changes out, one when the one before it serves again. A group that drains first serves its running requests to their end.
/// </remarks>
internal sealed class Fleet
{
    private readonly EngineCostCache costs;
    private readonly ClusterScope scope;
    private readonly Scenario scenario;
    private readonly Router router;
    private readonly List<Replica> replicas = [];
    private readonly List<Replica> spare = []; // for copies of fleets with more replicas
    private readonly List<WaitingRequest> moving = [];
    private readonly List<WaitingRequest> stranded = []; // no replica takes them until the change is done
    private readonly List<ReplicaGroup> ahead = []; // groups yet to change, the next one last
    private readonly List<ReplicaGroup> under = []; // groups that change now
    private KnobSettings target;

    public Fleet(EngineCostCache costs, ClusterScope scope, in KnobSettings settings)
    {
        this.costs = costs;
        this.scope = scope;
        scenario = scope.Scenario;
        router = new Router(scenario.Router, scope.Trace);
        target = settings;
        foreach (ReplicaPlace place in ReplicaPlace.Of(scenario.LayoutOf(settings.Parallelism)))
            replicas.Add(New(place, 0));
    }

    public int Count => replicas.Count;

    public bool IsChanging => under.Count > 0;

    public int InFlight
    {
        get
        {
            int count = stranded.Count;
            foreach (Replica replica in replicas)
                count += replica.Running + replica.Waiting;
            return count;
        }
    }

    /// <summary>Requests waiting and running, and the mean share of KV blocks in use.</summary>
    public (int Waiting, int Running, double KvUse) Gauges
    {
        get
        {
            int waiting = stranded.Count;
            int running = 0;
            double kvUse = 0;
            foreach (Replica replica in replicas)
            {
                waiting += replica.Waiting;
                running += replica.Running;
                kvUse += replica.KvUse;
            }

            return (waiting, running, kvUse / replicas.Count);
        }
    }

    /// <summary>Quality lost so far by running requests, points summed over them.</summary>
    public double QualityLoss
    {
        get
        {
            double sum = 0;
            foreach (Replica replica in replicas)
                sum += replica.QualityLoss;
            return sum;
        }
    }

    /// <summary>When something happens next; infinity when everything is idle.</summary>
    public double NextEvent
    {
        get
        {
            double next = double.PositiveInfinity;
            foreach (Replica replica in replicas)
                next = Math.Min(next, replica.PhaseEnd);
            return next;
        }
    }

    public void AdvanceTo(double now)
    {
        foreach (Replica replica in replicas)
        {
            if (replica.PhaseEnd <= now)
                replica.AdvanceTo(now);
        }

        if (under.Count > 0)
            Proceed(now);
    }

    public void Settle(double now)
    {
        foreach (Replica replica in replicas)
            replica.Settle(now);
    }

    /// <summary>Takes in a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="arrival">When it arrived at the client's side.</param>
    /// <param name="now">When it comes here.</param>
    public void Take(int request, double arrival, double now)
    {
        if (scope.Trace.PromptTokens[request] + scope.Trace.OutputTokens[request] + 1 > scenario.MaxSequenceTokens)
            Refuse(request, arrival, now, RequestEnding.TooLong);
        else
            Place(WaitingRequest.New(request, arrival, now), now, scenario.Clients.MaxWaiting);
    }

    /// <summary>Begins a change; one under way is taken over from where it stands.</summary>
    public void Change(in KnobSettings to, double now)
    {
        target = to;
        foreach (Replica replica in replicas)
            replica.StopDraining(now);
        under.Clear();
        ahead.Clear();
        ReplicaGroup.Collect(replicas, ReplicaPlace.Of(scenario.LayoutOf(to.Parallelism)), to, ahead);
        ahead.Reverse();
        bool rolls = scenario.Switching.Rolling;
        while (ahead.Count > 0 && (under.Count == 0 || !rolls))
            BeginNext(now);
        Proceed(now);
    }

    /// <summary>Tells an observer which replicas there are.</summary>
    public void Introduce(IClusterObserver observer)
    {
        foreach (Replica replica in replicas)
            observer.Built(replica.Record);
    }

    public void CopyFrom(Fleet other)
    {
        target = other.target;
        router.CopyFrom(other.router);
        Copy(other.stranded, stranded);
        Copy(other.ahead, ahead);
        Copy(other.under, under);
        while (replicas.Count > other.replicas.Count)
        {
            spare.Add(replicas[^1]);
            replicas.RemoveAt(replicas.Count - 1);
        }

        while (replicas.Count < other.replicas.Count)
        {
            if (spare.Count == 0)
                spare.Add(New(new ReplicaPlace(0, 0, other.replicas[replicas.Count].Pool), 0));
            replicas.Add(spare[^1]);
            spare.RemoveAt(spare.Count - 1);
        }

        for (int i = 0; i < replicas.Count; i++)
            replicas[i].CopyFrom(other.replicas[i]);
    }

    public void CheckInvariants()
    {
        foreach (Replica replica in replicas)
            replica.CheckInvariants();
    }

    private static void Copy<T>(List<T> from, List<T> to)
    {
        to.Clear();
        to.AddRange(from);
    }

    private Replica New(ReplicaPlace place, double now)
        => new(place, target, costs.For(place.Pool, target), scope, now);

    private void BeginNext(double now)
    {
        ReplicaGroup group = ahead[^1];
        ahead.RemoveAt(ahead.Count - 1);
        under.Add(group);
        if (!group.Rebuilds)
        {
            Reconfigure(replicas.Find(group.Holds)!, group, now);
        }
        else if (scenario.Switching.InFlight == InFlightRule.Drain)
        {
            foreach (Replica replica in replicas)
            {
                if (group.Holds(replica))
                    replica.Drain(now);
            }
        }
        else
        {
            Rebuild(group, now);
        }
    }

    private void Reconfigure(Replica replica, ReplicaGroup group, double now)
    {
        ReplicaPlace place = ReplicaPlace.Of(scenario.LayoutOf(target.Parallelism)).Find(each => each.FirstGpu == group.FirstGpu);
        replica.Settle(now); // what it holds decides what a conversion costs
        KnobSettings from = replica.Pool.Under(replica.Knobs);
        KnobSettings to = replica.Pool.Under(target);
        double load = SwitchPrice.LoadSeconds(scenario, replica.Pool, from, to);
        double pause = SwitchPrice.PauseSeconds(scenario, replica.Pool, from, to, replica.HeldBlocks);
        ReplicaSettings? meanwhile = load > 0 && scenario.Switching.LoadsWhileServing ? costs.Meanwhile(replica.Pool, replica.Knobs, target) : null;
        replica.Reconfigure(place, target, costs.For(place.Pool, target), meanwhile, load, pause, now);
    }

    /// <summary>Goes on with a change: what has drained is rebuilt, and when a group serves again the next one begins.</summary>
    private void Proceed(double now)
    {
        for (int i = 0; i < under.Count;)
        {
            ReplicaGroup group = under[i];
            if (Any(group, static replica => replica.Draining))
            {
                if (Any(group, static replica => replica.Running > 0))
                {
                    i++;
                    continue;
                }

                Rebuild(group, now);
            }

            if (Any(group, static replica => replica.IsChanging))
            {
                i++;
                continue;
            }

            under.RemoveAt(i);
            if (ahead.Count > 0)
                BeginNext(now);
        }

        if (under.Count == 0)
            PlaceStranded(now);
    }

    private void Rebuild(ReplicaGroup group, double now)
    {
        moving.Clear();
        double stopped = now;
        for (int i = replicas.Count - 1; i >= 0; i--)
        {
            if (!group.Holds(replicas[i]))
                continue;
            double end = replicas[i].Surrender(now, scenario.Switching.InFlight == InFlightRule.Keep, moving);
            scope.Observer?.Retired(replicas[i].Id, end);
            stopped = Math.Max(stopped, end);
            replicas.RemoveAt(i);
        }

        moving.Sort(static (a, b) => a.Arrival != b.Arrival ? a.Arrival.CompareTo(b.Arrival) : a.Request.CompareTo(b.Request));
        int at = 0;
        while (at < replicas.Count && replicas[at].FirstGpu < group.FirstGpu)
            at++;
        foreach (ReplicaPlace place in ReplicaPlace.Of(scenario.LayoutOf(target.Parallelism)))
        {
            if (place.FirstGpu < group.FirstGpu || place.FirstGpu >= group.EndGpu)
                continue;
            Replica built = New(place, stopped);
            replicas.Insert(at++, built);
            scope.Observer?.Built(built.Record);
            built.Reconfigure(place, target, costs.For(place.Pool, target), null, 0, scenario.Switching.LayoutSeconds + scenario.Switching.GraphSeconds, now);
        }

        foreach (WaitingRequest request in moving)
            Place(request with { Since = now }, now, int.MaxValue);
        PlaceStranded(now);
    }

    private void Place(in WaitingRequest item, double now, int maxWaiting)
    {
        if (router.Choose(replicas, item.Request) is not { } replica)
        {
            if (under.Count > 0)
                stranded.Add(item);
            else
                Refuse(item.Request, item.Arrival, now, RequestEnding.NoRoom);
        }
        else if (replica.Waiting >= maxWaiting)
        {
            Refuse(item.Request, item.Arrival, now, RequestEnding.QueueFull);
        }
        else
        {
            replica.Enqueue(item, now);
        }
    }

    private void PlaceStranded(double now)
    {
        if (stranded.Count == 0)
            return;
        WaitingRequest[] again = [.. stranded];
        stranded.Clear();
        foreach (WaitingRequest item in again)
            Place(item, now, int.MaxValue);
    }

    private void Refuse(int request, double arrival, double now, RequestEnding why)
    {
        scope.Collector.Ended(RequestOutcome.Refused(scope.Trace, request, arrival, now, why));
        scope.Observer?.Happened(new RequestEvent(RequestEventKind.Refused, request, -1, now));
    }

    private bool Any(ReplicaGroup group, Func<Replica, bool> test)
    {
        foreach (Replica replica in replicas)
        {
            if (group.Holds(replica) && test(replica))
                return true;
        }

        return false;
    }
}
