namespace Tuner.Env.Traffic;

/// <summary>How long prompts or outputs are, in tokens.</summary>
/// <param name="Mean">Mean.</param>
/// <param name="P50">Median.</param>
/// <param name="P90">90th percentile, interpolated between neighbours.</param>
/// <param name="P99">99th percentile, interpolated between neighbours.</param>
/// <param name="Max">The longest.</param>
public readonly record struct LengthSummary(double Mean, double P50, double P90, double P99, int Max)
{
    internal static LengthSummary Of(List<int> lengths)
    {
        if (lengths.Count == 0)
            return default;
        lengths.Sort();
        double sum = 0;
        foreach (int length in lengths)
            sum += length;
        return new LengthSummary(sum / lengths.Count, At(lengths, 0.5), At(lengths, 0.9), At(lengths, 0.99), lengths[^1]);
    }

    private static double At(List<int> sorted, double probability)
    {
        double place = probability * (sorted.Count - 1);
        int low = (int)place;
        int high = Math.Min(low + 1, sorted.Count - 1);
        return sorted[low] + ((place - low) * (sorted[high] - sorted[low]));
    }
}
