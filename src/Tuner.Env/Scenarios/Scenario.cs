using Tuner.Env.Costs;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Scenarios;

/// <summary>A cluster, the model it serves, what was promised, and what may be turned: everything but the traffic.</summary>
public sealed record Scenario
{
    /// <summary>The scenario's name.</summary>
    public required string Name { get; init; }

    /// <summary>The model served.</summary>
    public required ModelSpec Model { get; init; }

    /// <summary>The GPUs and their calibrated costs.</summary>
    public required HardwareProfile Hardware { get; init; }

    /// <summary>GPUs in the cluster.</summary>
    public required int Gpus { get; init; }

    /// <summary>Longest sequence served, prompt and output together, tokens; longer requests are refused with a reason.</summary>
    public required int MaxSequenceTokens { get; init; }

    /// <summary>The latency promises.</summary>
    public required ServiceObjective Objective { get; init; }

    /// <summary>Share of requests that must meet both promises for the load to count as sustained.</summary>
    public required double AttainmentTarget { get; init; }

    /// <summary>Quality losses and budget.</summary>
    public required QualitySpec Quality { get; init; }

    /// <summary>The knobs' values.</summary>
    public required KnobSpace Knobs { get; init; }

    /// <summary>The engine's settings out of the box.</summary>
    public required KnobSettings DefaultSettings { get; init; }

    /// <summary>Layouts by mode, indexed by <see cref="ParallelismMode"/>; null for a mode this cluster does not have.</summary>
    public required IReadOnlyList<LayoutSpec?> Layouts { get; init; }

    /// <summary>The draft models, smallest first; may be empty.</summary>
    public required IReadOnlyList<DraftSpec> Drafts { get; init; }

    /// <summary>The host-memory tier of the KV cache.</summary>
    public required HostCacheSpec HostCache { get; init; }

    /// <summary>What changing settings costs.</summary>
    public required SwitchingSpec Switching { get; init; }

    /// <summary>Whether both weight sets stay in GPU memory, so that precision changes without loading.</summary>
    public required bool BothPrecisionsResident { get; init; }
}
