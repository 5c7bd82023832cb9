using Tuner.Env.Cluster;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Rewards;

/// <summary>A second cluster that serves an episode's arrivals under a policy of its own, window by window beside the first: what would have been earned without learning.</summary>
/// <remarks>
/// Most of what a window earns is decided by its arrivals, and only a little by what was chosen. Taking away what another policy earns on the
/// same arrivals leaves that little. It depends on arrivals and not on actions, so the policy gradient keeps its mean and loses variance
/// (input-dependent baselines; Mao et al., arXiv:1807.02264).
/// </remarks>
/// <param name="policy">Who drives it.</param>
/// <param name="rules">What may be chosen.</param>
/// <param name="windowSeconds">Length of a window.</param>
internal sealed class TwinCluster(ITuningPolicy policy, KnobRules rules, double windowSeconds)
{
    private ServingCluster? cluster;
    private WindowMetrics window;

    /// <summary>Begins an episode.</summary>
    /// <param name="fresh">A cluster nothing has happened on.</param>
    /// <param name="warmupSeconds">How long it runs before the first decision.</param>
    public void Begin(ServingCluster fresh, double warmupSeconds)
    {
        policy.Reset();
        cluster = fresh;
        cluster.Advance(warmupSeconds);
        window = cluster.TakeWindow();
    }

    /// <summary>Lets the policy decide and serves one window.</summary>
    /// <returns>The window.</returns>
    public WindowMetrics Serve()
    {
        ServingCluster serving = cluster ?? throw new InvalidOperationException("The episode has not begun.");
        KnobMask mask = rules.Mask(serving.Settings, window, serving.SecondsSinceLayoutChange);
        serving.Change(rules.Resolve(serving.Settings, policy.Decide(window, serving.Settings, mask)));
        serving.Advance(serving.NowSeconds + windowSeconds);
        return window = serving.TakeWindow();
    }
}
