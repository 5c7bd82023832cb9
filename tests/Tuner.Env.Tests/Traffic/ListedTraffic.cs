using System.Collections;
using Tuner.Env.Traffic;

namespace Tuner.Env.Tests.Traffic;

/// <summary>Requests a test wrote down.</summary>
internal sealed class ListedTraffic(params InferenceRequest[] requests) : ITrafficSource
{
    public string Name => "listed";

    public IEnumerator<InferenceRequest> GetEnumerator() => ((IEnumerable<InferenceRequest>)requests).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>One request every <paramref name="gap"/> seconds, each with two blocks of which the first is shared by all.</summary>
    public static TrafficTrace Regular(int count, double gap = 0.5)
    {
        var requests = new InferenceRequest[count];
        for (int i = 0; i < count; i++)
            requests[i] = new InferenceRequest(i * gap, 100 + i, 1 + (i % 7), TrafficClass.Chat, new ulong[] { 7, 1000 + (ulong)i }, 16);
        return TrafficTrace.Load(new ListedTraffic(requests));
    }
}
