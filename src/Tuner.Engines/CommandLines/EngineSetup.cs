using Tuner.Policy.Files;
using Tuner.Policy.Knobs;

namespace Tuner.Engines.CommandLines;

/// <summary>What an operator says of an engine, so that a setting can be written as its command line. What is left out cannot be chosen.</summary>
public sealed record EngineSetup
{
    /// <summary>What the policy's rungs mean.</summary>
    public required ServingContract Contract { get; init; }

    /// <summary>The checkpoint of each precision.</summary>
    public required IReadOnlyDictionary<PrecisionMode, string> Checkpoints { get; init; }

    /// <summary>What each parallelism mode means.</summary>
    public required IReadOnlyDictionary<ParallelismMode, EngineLayout> Layouts { get; init; }

    /// <summary>The draft models, as many as the contract names and in its order; empty without speculation.</summary>
    public IReadOnlyList<EngineDraft> Drafts { get; init; } = [];

    /// <summary>Whether prefixes are cached.</summary>
    /// <value>True by default, as in the engines.</value>
    public bool PrefixCaching { get; init; } = true;

    /// <summary>Arguments that stay as they are: port, names, limits.</summary>
    public IReadOnlyList<string> More { get; init; } = [];
}
