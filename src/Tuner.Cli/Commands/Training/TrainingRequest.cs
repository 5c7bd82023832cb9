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
    /// <summary>The clusters to learn on, prepared once for lessons and episodes.</summary>
    public IReadOnlyList<EngineCostCache> Clusters { get; } = ClusterVariants.Around(Costs);

    /// <summary>Where training is gone on from.</summary>
    public string CheckpointPath => Path.Combine(Folder, "checkpoint.bin");

    /// <summary>How training went, an update a row.</summary>
    public string CurvePath => Path.Combine(Folder, "training.csv");

    /// <summary>What is shipped.</summary>
    public string PolicyPath => Path.Combine(Folder, "policy.tuner");
}
