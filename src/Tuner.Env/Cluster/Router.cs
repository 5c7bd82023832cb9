using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;

namespace Tuner.Env.Cluster;

/// <summary>Chooses the replica a request goes to.</summary>
internal sealed class Router(RouterKind kind, TrafficTrace trace)
{
    /// <summary>A replica holding a longer prefix is preferred unless it is this many requests busier than the least busy.</summary>
    private const int AffinitySlack = 8;

    private int turn;

    /// <summary>Chooses among replicas whose pool takes the request and whose memory holds it; those in the middle of a change come last.</summary>
    /// <returns>The replica; null when there is none.</returns>
    public Replica? Choose(IReadOnlyList<Replica> replicas, int request)
    {
        if (turn >= replicas.Count)
            turn = 0;
        Replica? chosen = Choose(replicas, request, mustServe: true) ?? Choose(replicas, request, mustServe: false);
        turn++;
        return chosen;
    }

    /// <summary>Continues where another stands.</summary>
    public void CopyFrom(Router other) => turn = other.turn;

    private Replica? Choose(IReadOnlyList<Replica> replicas, int request, bool mustServe)
    {
        int prompt = trace.PromptTokens[request];
        Replica? best = null;
        Replica? held = null;
        int bestMatch = 0;
        int count = replicas.Count;
        for (int i = 0; i < count; i++)
        {
            int at = turn + i;
            Replica replica = replicas[at < count ? at : at - count];
            if (prompt < replica.Pool.MinPromptTokens || prompt > replica.Pool.MaxPromptTokens || (mustServe && !replica.Serves) || !replica.CanHold(request))
                continue;
            if (kind == RouterKind.RoundRobin)
                return replica;
            if (best is null || replica.Load < best.Load)
                best = replica;
            if (kind == RouterKind.LeastLoad || !trace.HasPrefixes)
                continue;
            int match = replica.PrefixMatch(request);
            if (match > bestMatch || (match == bestMatch && held is not null && replica.Load < held.Load))
                (held, bestMatch) = (replica, match);
        }

        return held is not null && best is not null && held.Load <= best.Load + AffinitySlack ? held : best;
    }
}
