namespace Tuner.Env.Cluster;

/// <summary>Draws how well a request's drafts are accepted.</summary>
/// <remarks>
/// A verification keeps drafted tokens up to the first that is rejected and adds one of its own. The steps a request needs for its answer are
/// drawn one by one when it begins to decode, from a stream of its own: the same request under the same seed has the same luck, whatever
/// else happens. Between its first and last step its tokens are taken to come evenly.
/// </remarks>
internal static class DraftLuck
{
    /// <summary>Steps until a number of tokens have come.</summary>
    /// <param name="survival">For each drafted position, the probability that it and all before it are accepted; falling.</param>
    /// <param name="tokens">The tokens, at least 1.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="request">The request.</param>
    public static int Steps(ReadOnlySpan<double> survival, int tokens, ulong seed, int request)
    {
        ulong state = seed ^ ((ulong)(uint)request * 0xD1342543DE82EF95) ^ ((ulong)(uint)tokens << 40);
        int steps = 0;
        while (tokens > 0)
        {
            // SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
            state += 0x9E3779B97F4A7C15;
            ulong z = state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            double u = ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
            tokens--;
            for (int j = 0; j < survival.Length && u < survival[j]; j++)
                tokens--;
            steps++;
        }

        return steps;
    }
}
