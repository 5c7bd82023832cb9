using Tuner.Env.Cluster;

namespace Tuner.Env.Measurement;

/// <summary>Remembers what each request of a run went through.</summary>
/// <param name="requests">Requests in the trace.</param>
public sealed class RequestLog(int requests) : IClusterObserver
{
    private readonly double[] queued = new double[requests];
    private readonly double[] since = Fill(requests, double.NaN);
    private readonly int[] preemptions = new int[requests];
    private readonly int[] replica = Fill(requests, -1);
    private readonly RequestEventKind[] latest = Fill(requests, RequestEventKind.Queued);
    private readonly List<ReplicaRecord> replicas = [];

    /// <summary>Times a running request lost its place, over the whole run.</summary>
    public int Preemptions { get; private set; }

    /// <summary>What a request went through.</summary>
    /// <param name="request">Its index in the trace.</param>
    public RequestHistory this[int request] => new(
        queued[request],
        preemptions[request],
        replica[request] < 0 ? null : replicas[replica[request]],
        latest[request] >= RequestEventKind.Completed ? latest[request] : null);

    /// <inheritdoc/>
    public void Built(in ReplicaRecord replica)
    {
        if (replica.Replica != replicas.Count)
            throw new InvalidOperationException($"Replica {replica.Replica} was built after {replicas.Count} others; numbers count up from 0.");
        replicas.Add(replica);
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

    /// <inheritdoc/>
    public void Happened(in RequestEvent happening)
    {
        int i = happening.Request;
        latest[i] = happening.Kind;
        if (!double.IsNaN(since[i]))
        {
            queued[i] += Math.Max(0, happening.Seconds - since[i]);
            since[i] = double.NaN;
        }

        switch (happening.Kind)
        {
            case RequestEventKind.Queued:
                replica[i] = happening.Replica;
                since[i] = happening.Seconds;
                break;
            case RequestEventKind.Preempted:
                preemptions[i]++;
                Preemptions++;
                since[i] = happening.Seconds;
                break;
        }
    }

    private static T[] Fill<T>(int count, T value)
    {
        var filled = new T[count];
        Array.Fill(filled, value);
        return filled;
    }
}
