namespace Tuner.Kernels.Calibration.Published;

/// <summary>Whether the cost model picks well among options that were all measured.</summary>
/// <param name="Question">What is picked, and by what.</param>
/// <param name="Workloads">Workloads with more than one option.</param>
/// <param name="MeanOptions">Mean number of options.</param>
/// <param name="Close">Workloads whose pick costs at most 5 % more than the best.</param>
/// <param name="ByChance">Workloads a random pick would be so close on, on average.</param>
/// <param name="MeanLoss">Mean of what a pick costs over the best, as a share.</param>
public sealed record RankResult(string Question, int Workloads, double MeanOptions, int Close, double ByChance, double MeanLoss)
{
    /// <summary>How much worse than the best a pick may be.</summary>
    public const double Tolerance = 0.05;

    /// <summary>Share of workloads whose pick is to be close.</summary>
    public const double Asked = 0.9;

    /// <summary>Judges picks.</summary>
    /// <param name="question">What is picked.</param>
    /// <param name="options">Options of any number of workloads; those with one option are left out.</param>
    public static RankResult Judge(string question, IEnumerable<RankOption> options)
    {
        RankOption[][] workloads = [.. options.GroupBy(option => option.Workload).Select(group => group.ToArray()).Where(group => group.Length > 1)];
        double[] losses = [.. workloads.Select(group => (group.MinBy(option => option.Predicted).Measured / group.Min(option => option.Measured)) - 1)];
        return new RankResult(
            question,
            workloads.Length,
            workloads.Length == 0 ? 0 : workloads.Average(group => group.Length),
            losses.Count(loss => loss <= Tolerance),
            workloads.Sum(group => group.Count(option => option.Measured <= (1 + Tolerance) * group.Min(other => other.Measured)) / (double)group.Length),
            losses.Length == 0 ? 0 : losses.Average());
    }
}
