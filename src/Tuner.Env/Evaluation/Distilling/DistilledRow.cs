using Tuner.Policy.Knobs;

namespace Tuner.Env.Evaluation.Distilling;

/// <summary>One row of a decision table.</summary>
/// <param name="Conditions">What must hold, in plain units, all of it; empty in a table of one row.</param>
/// <param name="Settings">What the policy is said to want then.</param>
/// <param name="Windows">Share of the held-out windows that fall into this row, 0 to 1.</param>
/// <param name="Agreement">Share of those in which the policy did want these settings, 0 to 1; NaN where none fell here.</param>
public sealed record DistilledRow(IReadOnlyList<RowCondition> Conditions, KnobSettings Settings, double Windows, double Agreement);
