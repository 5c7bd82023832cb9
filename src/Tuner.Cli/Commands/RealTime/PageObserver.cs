using Tuner.Env.Cluster;
using Tuner.Env.Traffic;

namespace Tuner.Cli.Commands.RealTime;

/// <summary>Tells a metrics page of first tokens and engine steps as they happen.</summary>
internal sealed class PageObserver(VllmPage page, TrafficTrace trace) : IClusterObserver
{
    public void Built(in ReplicaRecord replica)
    {
    }

    public void Retired(int replica, double seconds)
    {
    }

    public void Changed(in ChangeRecord change)
    {
    }

    public void Stepped(in StepRecord step) => page.Stepped(step.Steps, step.DecodeSequences + step.PrefillTokens);

    public void Happened(in RequestEvent happening)
    {
        if (happening.Kind == RequestEventKind.FirstToken)
            page.FirstToken(happening.Seconds - trace.Arrivals[happening.Request]);
    }

    public void Paused(in PauseRecord pause)
    {
    }
}
