using Tuner.Env.Cluster;
using Tuner.Env.Traffic;

namespace Tuner.Env.Baselines.Planning;

/// <summary>What a gateway in front of a cluster has written down: who arrived, and of those that ended, how long their answers were.</summary>
/// <remarks>Output lengths of requests that still run are not known yet; they are taken to be those of requests of their kind that ended last.</remarks>
/// <param name="trace">The arrivals; only those up to now are looked at.</param>
internal sealed class ArrivalLog(TrafficTrace trace) : IClusterObserver
{
    private const int Remembered = 64;
    private const int UnknownOutput = 256; // before anything of a kind has ended

    private readonly bool[] ended = new bool[trace.Count];
    private readonly int[][] outputs = [.. Enum.GetValues<TrafficClass>().Select(_ => new int[Remembered])];
    private readonly int[] seen = new int[Enum.GetValues<TrafficClass>().Length];

    /// <summary>The traffic of the last while, and as much again, supposed to come like it: the near future as the log suggests it.</summary>
    /// <param name="now">The present, seconds.</param>
    /// <param name="past">How much of the log is replayed, seconds.</param>
    /// <param name="ahead">How much is supposed to come, at most as much as is replayed, seconds.</param>
    /// <param name="hitRate">Share of prompt tokens found in the prefix cache lately: what is to come finds as much.</param>
    /// <returns>A trace whose present lies at <paramref name="past"/>.</returns>
    public TrafficTrace Suppose(double now, double past, double ahead, double hitRate)
    {
        double from = now - past;
        int first = trace.FirstAtOrAfter(from);
        int next = trace.FirstAtOrAfter(now);
        var requests = new List<InferenceRequest>();
        for (int i = 0; i < first; i++)
        {
            if (!ended[i])
                requests.Add(Logged(i) with { ArrivalSeconds = 0 });
        }

        for (int i = first; i < next; i++)
            requests.Add(Logged(i) with { ArrivalSeconds = trace.Arrivals[i] - from });
        for (int i = trace.FirstAtOrAfter(now - ahead); i < next; i++)
            requests.Add(Like(Logged(i), hitRate) with { ArrivalSeconds = trace.Arrivals[i] - from + ahead });
        return TrafficTrace.Of("supposed", requests, past + ahead);
    }

    /// <inheritdoc/>
    public void Happened(in RequestEvent happening)
    {
        if (happening.Kind is not (RequestEventKind.Completed or RequestEventKind.Cancelled or RequestEventKind.TimedOut or RequestEventKind.Refused))
            return;
        ended[happening.Request] = true;
        if (happening.Kind != RequestEventKind.Completed)
            return;
        int kind = (int)trace.Classes[happening.Request];
        outputs[kind][seen[kind]++ % Remembered] = trace.OutputTokens[happening.Request];
    }

    /// <inheritdoc/>
    public void Built(in ReplicaRecord replica)
    {
    }

    /// <inheritdoc/>
    public void Retired(int replica, double seconds)
    {
    }

    /// <inheritdoc/>
    public void Changed(in ChangeRecord change)
    {
    }

    /// <inheritdoc/>
    public void Stepped(in StepRecord step)
    {
    }

    /// <inheritdoc/>
    public void Paused(in PauseRecord pause)
    {
    }

    private InferenceRequest Logged(int index)
    {
        int kind = (int)trace.Classes[index];
        int output = ended[index] ? trace.OutputTokens[index] : seen[kind] == 0 ? UnknownOutput : outputs[kind][index % Math.Min(seen[kind], Remembered)];
        return new InferenceRequest(0, trace.PromptTokens[index], output, trace.Classes[index], trace.PrefixBlocks(index).ToArray(), trace.PrefixBlockTokens(index));
    }

    /// <summary>A request like one that came: of the prefix it would find whole, it is to find no more than others did.</summary>
    private static InferenceRequest Like(InferenceRequest request, double hitRate)
        => request.PrefixBlockTokens == 0
            ? request
            : request with { PrefixBlocks = request.PrefixBlocks[..Math.Min(request.PrefixBlocks.Length, (int)(hitRate * request.PromptTokens / request.PrefixBlockTokens))] };
}
