using Tuner.Agent.Training;
using Tuner.Env.Cluster;
using Tuner.Env.Rewards;
using Tuner.Env.Traffic;

namespace Tuner.Cli.Commands.Training;

/// <summary>What to train, on what, and where the results go.</summary>
internal sealed record TrainingRequest(
    EngineCostCache Costs,
    IReadOnlyList<string> TrafficNames,
    IReadOnlyList<TrafficTrace> Traces,
    long Steps,
    string Folder,
    bool Resume,
    LearningRequest Learning,
    ulong Seed,
    MixRequest Mix,
    int Lessons,
    RewardOptions Rewards)
{
    /// <summary>The clusters to learn on, prepared once for lessons and episodes of every course.</summary>
    public IReadOnlyList<EngineCostCache> Clusters { get; } = ClusterVariants.Around(Costs);
}

/// <summary>What training left behind.</summary>
internal sealed record TrainingOutcome(long Steps, bool Interrupted, string CheckpointPath, string PolicyPath, IReadOnlyList<TrainingProgress> History);
