using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Baselines.LookAhead;

/// <summary>Tries settings on copies of the cluster, arrivals to come included, and takes what does best: a policy that knows the near future.</summary>
/// <remarks>The first window of the best is lived, and the question is put again.</remarks>
/// <param name="options">How far it looks and what it tries.</param>
public sealed class LookAheadPolicy(LookAheadOptions options) : ITuningPolicy, ISeesCluster
{
    private readonly SettingsTrial trial = new(options);
    private ServingCluster? live;
    private ServingCluster? scratch;

    /// <inheritdoc/>
    public string Name => "look-ahead";

    /// <summary>What was tried at the last decision: holding still, then each candidate as far as it was allowed.</summary>
    public IReadOnlyList<KnobSettings> LastTried => trial.Tried;

    /// <summary>By how much each of them was worse than the best, in promises kept, as a share of the requests that ended.</summary>
    public IReadOnlyList<double> LastRegrets => trial.Regrets;

    /// <inheritdoc/>
    public void Reset() => live = null;

    /// <inheritdoc/>
    public void Attach(ServingCluster cluster, Func<ServingCluster> fresh) => (live, scratch) = (cluster, fresh());

    /// <inheritdoc/>
    public KnobSettings Decide(in WindowMetrics window, in KnobSettings current, in KnobMask mask)
        => live is null || scratch is null
            ? throw new InvalidOperationException("A policy that looks ahead has to be shown the cluster first.")
            : trial.Choose(live, scratch, window, current, mask);
}
