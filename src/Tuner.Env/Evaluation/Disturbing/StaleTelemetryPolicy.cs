using Tuner.Env.Cluster;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Evaluation.Disturbing;

/// <summary>A policy whose telemetry comes late: it decides on windows that ended a while ago.</summary>
/// <remarks>Until the first has come it holds still. The mask and the quality account are today's: the runtime keeps both itself.</remarks>
/// <param name="inner">The policy; it is not told.</param>
/// <param name="windows">How many windows late, at least 1.</param>
public sealed class StaleTelemetryPolicy(ITuningPolicy inner, int windows) : ITuningPolicy, ISeesCluster
{
    private readonly Queue<WindowMetrics> late = new();

    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public void Reset()
    {
        inner.Reset();
        late.Clear();
    }

    /// <inheritdoc/>
    public KnobSettings Decide(in WindowMetrics window, in KnobSettings current, in KnobMask mask)
    {
        late.Enqueue(window);
        return late.Count > windows
            ? inner.Decide(late.Dequeue() with { QualityBalance = window.QualityBalance }, current, mask)
            : current;
    }

    /// <inheritdoc/>
    public void Attach(ServingCluster cluster, Func<ServingCluster> fresh) => (inner as ISeesCluster)?.Attach(cluster, fresh);
}
