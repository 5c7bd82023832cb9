using Tuner.Env.Baselines.LookAhead;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Baselines.Planning;

/// <summary>A planner without foresight: it replays its log in a simulator of its own, supposes that what came will come again, and takes the settings that then do best.</summary>
/// <remarks>
/// <para>What a control loop with a good model and a persistence forecast can do: it sees arrivals that have happened and answers that have ended,
/// never the cluster's inside and never the future. It is one step deep, as model predictive control with one move (Rawlings and Mayne 2009).</para>
/// <para>Two minutes are replayed from an empty cluster under the settings in force; requests older than that which still run are put in at their head.</para>
/// </remarks>
/// <param name="options">How far it looks and what it tries.</param>
public sealed class PlannerPolicy(LookAheadOptions options) : ITuningPolicy, ISeesCluster
{
    private const double PastSeconds = 120;

    private readonly SettingsTrial trial = new(options);
    private ServingCluster? cluster;
    private ArrivalLog? log;

    /// <inheritdoc/>
    public string Name => "planner";

    /// <inheritdoc/>
    public void Reset() => (cluster, log) = (null, null);

    /// <inheritdoc/>
    public void Attach(ServingCluster cluster, Func<ServingCluster> fresh)
    {
        this.cluster = cluster;
        log = new ArrivalLog(cluster.Trace);
        cluster.Observer = log;
    }

    /// <inheritdoc/>
    public KnobSettings Decide(in WindowMetrics window, in KnobSettings current, in KnobMask mask)
    {
        if (cluster is null || log is null)
            throw new InvalidOperationException("A planner has to be shown the cluster whose log it keeps first.");
        double ahead = Math.Min(PastSeconds, options.Horizon * options.WindowSeconds);
        TrafficTrace supposed = log.Suppose(cluster.NowSeconds, PastSeconds, ahead, window.PrefixHitRate);
        ServingCluster model = Model(supposed, current);
        model.Advance(PastSeconds);
        model.TakeWindow();
        return trial.Choose(model, Model(supposed, current), window, current, mask);
    }

    private ServingCluster Model(TrafficTrace supposed, in KnobSettings current) => new(cluster!.Costs.Scenario, cluster.Costs, supposed, current);
}
