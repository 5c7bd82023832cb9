using Tuner.Policy.Knobs;

namespace Tuner.Env.Cluster;

/// <summary>A run of GPUs whose replicas change together: none of theirs, before or after, reaches beyond it.</summary>
/// <param name="FirstGpu">Its first GPU.</param>
/// <param name="EndGpu">The GPU after its last.</param>
/// <param name="Rebuilds">Whether its replicas are built anew; else each is reconfigured.</param>
internal readonly record struct ReplicaGroup(int FirstGpu, int EndGpu, bool Rebuilds)
{
    /// <summary>Whether a replica stands on its GPUs.</summary>
    public bool Holds(Replica replica) => replica.FirstGpu >= FirstGpu && replica.FirstGpu < EndGpu;

    /// <summary>Cuts the GPUs where replicas of both layouts end, and keeps the parts in which something differs.</summary>
    /// <param name="replicas">The replicas there are, GPU after GPU.</param>
    /// <param name="places">Those there are to be, GPU after GPU.</param>
    /// <param name="target">What is to be asked of them.</param>
    /// <param name="into">Receives the groups, GPU after GPU.</param>
    public static void Collect(List<Replica> replicas, List<ReplicaPlace> places, in KnobSettings target, List<ReplicaGroup> into)
    {
        int old = 0;
        int at = 0;
        int begins = 0;
        while (old < replicas.Count || at < places.Count)
        {
            bool stays = old < replicas.Count && at < places.Count && places[at].IsWhere(replicas[old]);
            bool differs = !stays || replicas[old].Knobs != target || replicas[old].Pool != places[at].Pool;
            int oldEnd;
            int newEnd;
            do
            {
                oldEnd = old < replicas.Count ? replicas[old].EndGpu : int.MaxValue;
                newEnd = at < places.Count ? places[at].EndGpu : int.MaxValue;
                if (oldEnd <= newEnd)
                    old++;
                if (newEnd <= oldEnd)
                    at++;
            }
            while (oldEnd != newEnd && oldEnd != int.MaxValue && newEnd != int.MaxValue);
            int end = Math.Min(oldEnd, newEnd);
            if (differs)
                into.Add(new ReplicaGroup(begins, end, !stays));
            begins = end;
        }
    }
}
