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

    /// <summary>The settings to begin with, as <c>knob=value</c> pairs: the best fixed ones on the training traffic.</summary>
    public IReadOnlyDictionary<string, string> Start { get; init; } = new Dictionary<string, string>();

    /// <summary>Scores by name, such as <c>goodput</c> on held-out traffic.</summary>
    public IReadOnlyDictionary<string, double> Scores { get; init; } = new Dictionary<string, double>();
}
