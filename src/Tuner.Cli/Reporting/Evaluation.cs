using Tuner.Agent.Training;
using Tuner.Env.Scenarios;
using Tuner.Policy.Files;

namespace Tuner.Cli.Reporting;

/// <summary>All that an evaluation found.</summary>
/// <param name="Scenario">The cluster.</param>
/// <param name="Manifest">Where the policy comes from.</param>
/// <param name="Rows">Policy by policy, trace by trace.</param>
/// <param name="Scales">Multiple of its rate each trace was served at.</param>
/// <param name="Seed">Seed of rate scaling and resampling.</param>
internal sealed record Evaluation(Scenario Scenario, PolicyManifest Manifest, IReadOnlyList<EvaluationRow> Rows, IReadOnlyDictionary<string, double> Scales, ulong Seed)
{
    /// <summary>Sustained loads over the traces; empty where none were sought.</summary>
    public IReadOnlyList<SummaryRow> Summary { get; init; } = [];

    /// <summary>Speed and quality at loads fixed settings carry; empty where none were sought.</summary>
    public IReadOnlyList<EqualServiceRow> Equal { get; init; } = [];

    /// <summary>The policy without one knob at a time; may be empty.</summary>
    public IReadOnlyList<DifferenceRow> Ablation { get; init; } = [];

    /// <summary>Policies under disturbances; may be empty.</summary>
    public IReadOnlyList<DifferenceRow> Robustness { get; init; } = [];

    /// <summary>How training went; may be empty.</summary>
    public IReadOnlyList<TrainingProgress> History { get; init; } = [];
}
