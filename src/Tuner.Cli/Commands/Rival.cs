using Tuner.Env.Cluster;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands;

/// <summary>A policy to be compared, and the cluster it runs.</summary>
/// <param name="Costs">The scenario and its prepared engines; a mixed fleet has its own.</param>
/// <param name="Make">Makes the policy, once a run.</param>
/// <param name="Start">Settings it begins with.</param>
internal sealed record Rival(EngineCostCache Costs, Func<ITuningPolicy> Make, KnobSettings Start);
