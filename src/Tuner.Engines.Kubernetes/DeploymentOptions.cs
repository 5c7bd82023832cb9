using Tuner.Policy.Knobs;

namespace Tuner.Engines.Kubernetes;

/// <summary>Which Deployment runs the engine.</summary>
public sealed record DeploymentOptions
{
    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The container whose <c>args</c> are the engine's; its <c>command</c> is the executable (<c>vllm</c>, <c>python3</c>, <c>trtllm-serve</c>).</summary>
    public required string Container { get; init; }

    /// <summary>The settings that the manifest's own <c>args</c> stand for, written as Tuner writes them.</summary>
    public required KnobSettings First { get; init; }

    /// <summary>Where the pod finds the annotation <c>tuner/config</c> as a file (a downwardAPI volume), for engines that take a configuration file.</summary>
    /// <value>Null by default: vLLM and SGLang take none.</value>
    public string? ConfigPath { get; init; }

    /// <summary>How long a rollout may take.</summary>
    /// <value>4 minutes by default: twice that fits into <c>TunerOptions.ApplyTimeout</c>, so that a failed rollout can be taken back.</value>
    public TimeSpan RolloutLimit { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>How often a rollout is looked at.</summary>
    /// <value>2 seconds by default.</value>
    public TimeSpan Pace { get; init; } = TimeSpan.FromSeconds(2);
}
