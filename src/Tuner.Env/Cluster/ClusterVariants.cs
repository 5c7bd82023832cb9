namespace Tuner.Env.Cluster;

/// <summary>Clusters like a calibrated one: what a real one may turn out to be.</summary>
/// <remarks>
/// Training meets them all (domain randomisation; Tobin et al., arXiv:1703.06907), because a calibration is off by some per cent and a GPU
/// runs slower in summer: the cost model reproduces held-out measurements to within about 10 % at the 80th percentile (docs/cost-model.md),
/// and acceptance of one draft differs by about 0.1 between kinds of text within a class.
/// </remarks>
public static class ClusterVariants
{
    private const double Slow = 1.15;
    private const double Fast = 0.9;
    private const double Worse = -0.1;
    private const double Better = 0.05;

    /// <summary>The cluster as calibrated, twice so that it is met most, and slower and faster ones, worse and better drafts.</summary>
    public static IReadOnlyList<EngineCostCache> Around(EngineCostCache costs)
        => costs.Scenario.Drafts.Count == 0
            ? [costs, costs, costs.Slower(Slow), costs.Slower(Fast)]
            : [costs, costs, costs.Slower(Slow), costs.Slower(Fast), costs.WithDraftAcceptance(Worse), costs.WithDraftAcceptance(Better)];
}
