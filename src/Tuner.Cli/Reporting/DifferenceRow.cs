using Tuner.Env.Evaluation;

namespace Tuner.Cli.Reporting;

/// <summary>How a run under other conditions did, and by how much that differs from another run of the same arrivals.</summary>
/// <param name="Traffic">The traffic.</param>
/// <param name="Condition">What is different.</param>
/// <param name="Policy">Whose run.</param>
/// <param name="Attainment">Promises kept, 0 to 1.</param>
/// <param name="QualityLoss">Points lost, mean over requests.</param>
/// <param name="Switches">Changes of settings.</param>
/// <param name="Difference">Promises kept above those of the run it is set against; null for that run itself.</param>
internal sealed record DifferenceRow(
    string Traffic,
    string Condition,
    string Policy,
    double Attainment,
    double QualityLoss,
    int Switches,
    PairedDifference? Difference);
