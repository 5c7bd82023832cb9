namespace Tuner.Env.Costs;

/// <summary>What routing sends to the busiest GPU of an expert-parallel group: everybody waits for that one.</summary>
/// <param name="Touched">Experts there that at least one token visits, whose weights are read.</param>
/// <param name="Visits">Visits of tokens to experts there.</param>
/// <remarks>
/// Skew α draws the popularity of an expert from a density ∝ x^−α between 1 and R, as the tables' collector does (ai-dynamo/aiconfigurator,
/// collector: <c>power_law_logits</c>): R is 0.8 of the tokens where visits outnumber experts and 200 below. An expert of popularity x gets a
/// token with probability p = (k / E) · x / mean, so that m tokens touch Σ 1 − (1 − p)^m experts. Experts lie on GPUs at random; the sum
/// over a GPU's share of them varies, and the largest of n such sums lies about √(2 ln n) standard deviations above the mean.
/// Skew 0 is round robin: every expert gets the same.
/// </remarks>
public readonly record struct RoutedLoad(double Touched, double Visits)
{
    private const int Quantiles = 64;
    private const double TokenShareOfRange = 0.8;
    private const double RangeOfFewVisits = 200;

    /// <summary>The load of a batch.</summary>
    /// <param name="rows">Tokens of the whole group, above 0.</param>
    /// <param name="layout">The experts.</param>
    /// <param name="skew">α of the routing; 0 is perfectly balanced.</param>
    public static RoutedLoad Of(double rows, ExpertLayout layout, double skew)
    {
        double here = (double)layout.Experts / layout.Ranks;
        double visits = rows * layout.Active / layout.Ranks;
        if (skew <= 0)
            return new RoutedLoad(Math.Min(here, Math.Max(1, visits)), Math.Max(1, visits));
        double range = Math.Max(2, rows * layout.Active > layout.Experts ? TokenShareOfRange * rows : RangeOfFewVisits);
        Span<double> popularity = stackalloc double[Quantiles];
        double mean = 0;
        for (int i = 0; i < Quantiles; i++)
        {
            double quantile = (i + 0.5) / Quantiles;
            popularity[i] = Math.Abs(skew - 1) < 1e-6 ? Math.Pow(range, quantile) : Math.Pow(1 + (quantile * (Math.Pow(range, 1 - skew) - 1)), 1 / (1 - skew));
            mean += popularity[i] / Quantiles;
        }

        double variance = 0;
        foreach (double value in popularity)
            variance += Math.Pow((value / mean) - 1, 2) / Quantiles;
        double spread = layout.Ranks == 1 ? 0 : Math.Sqrt(variance / here * (layout.Experts - here) / (layout.Experts - 1) * 2 * Math.Log(layout.Ranks));
        double busiest = Math.Min(layout.Ranks, 1 + spread);
        double touched = 0;
        foreach (double value in popularity)
            touched += here / Quantiles * (1 - Math.Pow(1 - Math.Min(1, (double)layout.Active / layout.Experts * busiest * value / mean), rows));
        double least = layout.Ranks == 1 ? layout.Active : 1; // a token's experts are distinct
        return new RoutedLoad(Math.Clamp(touched, least, here), visits * busiest);
    }
}
