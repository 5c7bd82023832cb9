using System.Collections;
using Tuner.Env.Traffic;

namespace Tuner.Cli.Commands.Traffic;

/// <summary>Traffic whose reading stops on Ctrl-C, and which remembers how far it was read.</summary>
internal sealed class WatchedTraffic(ITrafficSource source, CancellationToken cancellation) : ITrafficSource
{
    private const int CheckEvery = 1024;

    public string Name => source.Name;

    /// <summary>Seconds from the first arrival to the last one read.</summary>
    public double ReadSeconds { get; private set; }

    public IEnumerator<InferenceRequest> GetEnumerator()
    {
        long count = 0;
        double first = 0;
        foreach (InferenceRequest request in source)
        {
            if (count == 0)
                first = request.ArrivalSeconds;
            if (count++ % CheckEvery == 0)
                cancellation.ThrowIfCancellationRequested();
            ReadSeconds = request.ArrivalSeconds - first;
            yield return request;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
