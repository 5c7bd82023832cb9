namespace Tuner.Policy.Files;

/// <summary>Where a policy comes from and how well it did.</summary>
public sealed record PolicyManifest
{
    /// <summary>Name of the scenario it was trained in.</summary>
    public string Scenario { get; init; } = "";

    /// <summary>Names of the traffic it was trained on.</summary>
    public IReadOnlyList<string> Traffic { get; init; } = [];

    /// <summary>Name of the hardware profile it was trained with, such as <c>h200</c>.</summary>
    public string Hardware { get; init; } = "";

    /// <summary>Seed of the training run.</summary>
    public ulong Seed { get; init; }

    /// <summary>Environment steps of the training run.</summary>
    public long Steps { get; init; }

    /// <summary>Version of Tuner that trained it.</summary>
    public string Version { get; init; } = "";

    /// <summary>Names of the traffic mixed in beside it.</summary>
    public IReadOnlyList<string> Mix { get; init; } = [];

    /// <summary>What is in the file, as validation chose it: <c>tuned</c>, <c>cloned</c>, or <c>fixed</c> settings.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The best fixed settings over all training traffic, as <c>knob=value</c> pairs.</summary>
    public IReadOnlyDictionary<string, string> Generalist { get; init; } = new Dictionary<string, string>();

    /// <summary>The settings to begin with, as <c>knob=value</c> pairs.</summary>
    public IReadOnlyDictionary<string, string> Start { get; init; } = new Dictionary<string, string>();

    /// <summary>The ladders, drafts and promises it was trained for; null in files that do not carry them.</summary>
    public ServingContract? Serving { get; init; }

    /// <summary>Scores by name, such as <c>goodput</c> on held-out traffic.</summary>
    public IReadOnlyDictionary<string, double> Scores { get; init; } = new Dictionary<string, double>();
}
