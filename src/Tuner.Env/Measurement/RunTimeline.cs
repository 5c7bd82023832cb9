using System.Runtime.InteropServices;
using Tuner.Env.Cluster;

namespace Tuner.Env.Measurement;

/// <summary>Adds up a run in stretches of equal length: where GPU time and requests' time went.</summary>
/// <param name="binSeconds">Length of a stretch, seconds.</param>
public sealed class RunTimeline(double binSeconds) : IClusterObserver
{
    private readonly List<TimelineBin> bins = [];
    private readonly Dictionary<int, int> gpus = [];
    private readonly Dictionary<int, (double Since, bool Waits)> open = [];

    /// <summary>Length of a stretch, seconds.</summary>
    public double BinSeconds => binSeconds;

    /// <summary>The stretches from the start of the run to the last thing that happened.</summary>
    public IReadOnlyList<TimelineBin> Bins => bins;

    /// <inheritdoc/>
    public void Built(in ReplicaRecord replica) => gpus[replica.Replica] = replica.Pool.Gpus / replica.Pool.Replicas;

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
        int count = gpus[step.Replica];
        bool prompts = step.PrefillTokens > 0;
        for (Stretch part = First(step.StartSeconds, step.EndSeconds); part.Seconds > 0; part = Next(part))
        {
            ref TimelineBin bin = ref At(part.Bin);
            if (prompts)
                bin.PromptGpuSeconds += count * part.Seconds;
            else
                bin.DecodeGpuSeconds += count * part.Seconds;
        }

        ref TimelineBin ended = ref At((int)(step.EndSeconds / binSeconds));
        ended.KvPeak = Math.Max(ended.KvPeak, step.KvUse);
    }

    /// <inheritdoc/>
    public void Paused(in PauseRecord pause)
    {
        for (Stretch part = First(pause.StartSeconds, pause.EndSeconds); part.Seconds > 0; part = Next(part))
            At(part.Bin).PausedGpuSeconds += gpus[pause.Replica] * part.Seconds;
    }

    /// <inheritdoc/>
    public void Happened(in RequestEvent happening)
    {
        int request = happening.Request;
        if (open.Remove(request, out (double Since, bool Waits) state))
        {
            for (Stretch part = First(state.Since, happening.Seconds); part.Seconds > 0; part = Next(part))
            {
                ref TimelineBin bin = ref At(part.Bin);
                if (state.Waits)
                    bin.WaitingSeconds += part.Seconds;
                else
                    bin.RunningSeconds += part.Seconds;
            }
        }

        switch (happening.Kind)
        {
            case RequestEventKind.Queued:
                open[request] = (happening.Seconds, true);
                break;
            case RequestEventKind.Preempted:
                At((int)(happening.Seconds / binSeconds)).Preemptions++;
                open[request] = (happening.Seconds, true);
                break;
            case RequestEventKind.Admitted or RequestEventKind.FirstToken:
                open[request] = (happening.Seconds, false);
                break;
        }
    }

    private ref TimelineBin At(int bin)
    {
        while (bins.Count <= bin)
            bins.Add(default);
        return ref CollectionsMarshal.AsSpan(bins)[bin];
    }

    private Stretch First(double start, double end)
    {
        int bin = (int)(start / binSeconds);
        return new Stretch(bin, Math.Min(end, (bin + 1) * binSeconds) - start, end);
    }

    private Stretch Next(in Stretch part)
    {
        int bin = part.Bin + 1;
        return new Stretch(bin, Math.Min(part.End, (bin + 1) * binSeconds) - (bin * binSeconds), part.End);
    }

    private readonly record struct Stretch(int Bin, double Seconds, double End);
}
