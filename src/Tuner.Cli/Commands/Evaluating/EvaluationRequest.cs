using Tuner.Agent.Training;
using Tuner.Env.Cluster;
using Tuner.Env.Traffic;
using Tuner.Policy.Files;

namespace Tuner.Cli.Commands.Evaluating;

/// <summary>What to measure.</summary>
/// <param name="Costs">The scenario and its prepared engines.</param>
/// <param name="Files">The policy; or several, of the same recipe under different seeds.</param>
/// <param name="Tests">Traffic it is judged on.</param>
/// <param name="Training">Traffic rivals are tuned on.</param>
/// <param name="Rivals">Their names.</param>
/// <param name="Scale">Multiple of the traces' rate; null for one each at which the default fails.</param>
/// <param name="Seed">Seed of rate scaling and resampling.</param>
internal sealed record EvaluationRequest(EngineCostCache Costs, IReadOnlyList<PolicyFile> Files, IReadOnlyList<TrafficTrace> Tests, IReadOnlyList<TrafficTrace> Training, IReadOnlyList<string> Rivals, double? Scale, ulong Seed)
{
    /// <summary>Whether to find the load each carries, and what it gives at loads others carry.</summary>
    public bool Sustained { get; init; }

    /// <summary>Whether to take one knob away at a time.</summary>
    public bool Ablate { get; init; }

    /// <summary>Whether to disturb telemetry, cluster and traffic.</summary>
    public bool Robustness { get; init; }

    /// <summary>How training went, for the report; may be empty.</summary>
    public IReadOnlyList<TrainingProgress> History { get; init; } = [];

    /// <summary>Where <c>evaluation.json</c> and <c>report.html</c> go.</summary>
    public required string Folder { get; init; }

    /// <summary>Where the JSON goes as well; null for nowhere.</summary>
    public string? Json { get; init; }
}
