using Tuner.Env.Baselines;

namespace Tuner.Env.Evaluation.Distilling;

/// <summary>One row of the five-row table beside a policy.</summary>
/// <param name="Row">The row.</param>
/// <param name="Held">Share of windows in which it applied, 0 to 1.</param>
/// <param name="Agreed">Share of those after which the policy had the advised layout, 0 to 1; NaN where it never applied.</param>
/// <param name="Worth">Promises kept by the advice less by the policy's choice, over requests that arrived in the window after one where it applied; null where it never applied or cannot run.</param>
/// <param name="WorthOverall">The same over all requests: what a change of layout costs later is in here.</param>
public sealed record TalkFinding(TalkRow Row, double Held, double Agreed, PairedDifference? Worth, PairedDifference? WorthOverall);
