namespace Tuner.Env.Cluster;

/// <summary>A request waiting for a place in the batch, with what it has already.</summary>
/// <param name="Request">Index in the trace.</param>
/// <param name="Arrival">When it arrived at the cluster, seconds.</param>
/// <param name="Since">When it began to wait here, seconds.</param>
/// <param name="Generated">Tokens it has produced before it was thrown back or moved.</param>
/// <param name="Kept">Tokens whose KV moves with it and need no recomputation.</param>
/// <param name="Swapped">KV blocks it has in host memory, to be copied back.</param>
/// <param name="Left">KV blocks it left behind when it lost its place, which may still be there.</param>
/// <param name="LostAfter">Blocks that will have been taken, all told, when the first of those is.</param>
/// <param name="Ready">Before when it cannot run on: the step it was in elsewhere has to end.</param>
/// <param name="FirstToken">When its first token came; NaN if it has none yet.</param>
/// <param name="LossTokens">Quality loss so far, points × tokens.</param>
internal readonly record struct WaitingRequest(int Request, double Arrival, double Since, double Generated, double Kept, int Swapped, int Left, long LostAfter, double Ready, double FirstToken, double LossTokens)
{
    /// <summary>A request that has just arrived.</summary>
    public static WaitingRequest New(int request, double arrival, double since) => new(request, arrival, since, 0, 0, 0, 0, 0, 0, double.NaN, 0);
}
