namespace Tuner.Env.Cluster;

/// <summary>Sees what a simulated cluster does, as it happens. What it is told it cannot change: a watched run is the same run.</summary>
/// <remarks>Calls come in order of time for each replica, but not across replicas, which live apart between arrivals.</remarks>
public interface IClusterObserver
{
    /// <summary>A step with prompts, or a run of steps that only decode, has ended.</summary>
    void Stepped(in StepRecord step);

    /// <summary>Something happened to a request.</summary>
    void Happened(in RequestEvent happening);

    /// <summary>A replica stood still for a change of settings.</summary>
    void Paused(in PauseRecord pause);
}
