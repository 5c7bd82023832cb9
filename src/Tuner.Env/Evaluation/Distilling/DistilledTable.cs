namespace Tuner.Env.Evaluation.Distilling;

/// <summary>A policy as a small decision table, how faithful that is, and the five-row table beside it. All figures are on traffic the table was not grown on.</summary>
/// <param name="Rows">The table.</param>
/// <param name="Windows">Held-out windows.</param>
/// <param name="Fidelity">Share of them in which the table says what the policy did, 0 to 1.</param>
/// <param name="Constant">The same for a table of one row, the commonest settings of the fitting windows: what fidelity has to beat.</param>
/// <param name="FitFidelity">Fidelity on the windows the table was grown on.</param>
/// <param name="PolicyKept">Share of promises the policy keeps, 0 to 1.</param>
/// <param name="TableKept">Share of promises kept when the table drives the cluster.</param>
/// <param name="Difference">The table's share less the policy's.</param>
/// <param name="PolicyQualityLoss">Mean quality loss under the policy, points.</param>
/// <param name="TableQualityLoss">Mean quality loss under the table, points.</param>
/// <param name="Talk">The rows of the five-row table.</param>
public sealed record DistilledTable(
    IReadOnlyList<DistilledRow> Rows,
    int Windows,
    double Fidelity,
    double Constant,
    double FitFidelity,
    double PolicyKept,
    double TableKept,
    PairedDifference Difference,
    double PolicyQualityLoss,
    double TableQualityLoss,
    IReadOnlyList<TalkFinding> Talk);
