using Tuner.Agent.Training;
using Tuner.Env.Cluster;
using Tuner.Env.Rewards;
using Tuner.Env.Traffic;

namespace Tuner.Cli.Commands;

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
    double OwnShare,
    IReadOnlyList<string> Without,
    (double Light, double Heavy) Loads,
    int Lessons,
    RewardOptions Rewards,
    int ValidationDays);

/// <summary>What training left behind.</summary>
internal sealed record TrainingOutcome(long Steps, bool Interrupted, string CheckpointPath, string PolicyPath, IReadOnlyList<TrainingProgress> History);
