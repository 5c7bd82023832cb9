using Tuner.Policy.Knobs;

namespace Tuner.Engines.Processes;

/// <summary>How an engine is run as a process of this machine.</summary>
public sealed record EngineProcessOptions
{
    /// <summary>The executable: <c>vllm</c>, <c>python3</c> for SGLang, <c>trtllm-serve</c>, or a script that ends in <c>exec "$@"</c> and hands its environment on.</summary>
    public required string Executable { get; init; }

    /// <summary>Where the engine says that it is ready, such as <c>http://127.0.0.1:8000/health</c>: any answer of 200.</summary>
    public required Uri Health { get; init; }

    /// <summary>The settings it is first started with.</summary>
    public required KnobSettings First { get; init; }

    /// <summary>Where the process and its configuration are remembered; must survive restarts of the host.</summary>
    public required string Folder { get; init; }

    /// <summary>How long it may take to become healthy.</summary>
    /// <value>4 minutes by default: twice that, and the two ends, fit into <c>TunerOptions.ApplyTimeout</c>, so that the old command line can be brought back.</value>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>How long it may take to end after it was asked to; then it is killed.</summary>
    /// <value>30 seconds by default, as Kubernetes gives a pod.</value>
    public TimeSpan EndLimit { get; init; } = TimeSpan.FromSeconds(30);
}
