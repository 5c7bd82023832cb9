using Tuner.Env.Traffic;

namespace Tuner.Env.Evaluation;

/// <summary>What can be put to serve a trace and be judged: a policy, or a plan made in full knowledge of the trace.</summary>
public interface IContender
{
    /// <summary>The name reports use.</summary>
    string Name { get; }

    /// <summary>Serves a trace to its end.</summary>
    /// <param name="trace">The arrivals, at the load to be served.</param>
    /// <param name="cancellation">Stops between windows.</param>
    RunResult Run(TrafficTrace trace, CancellationToken cancellation = default);

    /// <summary>Whether a load is carried: enough promises met, within the quality budget.</summary>
    /// <param name="trace">The arrivals, at the load to be served.</param>
    /// <param name="cancellation">Stops between windows.</param>
    bool Carries(TrafficTrace trace, CancellationToken cancellation = default);
}
