using System.Globalization;
using Tuner.Env.Simulation;

namespace Tuner.Env.Traffic;

/// <summary>Measured token counts with their probabilities, ready to draw from.</summary>
internal sealed class LengthDistribution
{
    private readonly int[] tokens;
    private readonly double[] cumulative;

    public LengthDistribution(IEnumerable<KeyValuePair<int, double>> probabilities)
    {
        KeyValuePair<int, double>[] sorted = [.. probabilities.OrderBy(pair => pair.Key)];
        tokens = [.. sorted.Select(pair => pair.Key)];
        cumulative = new double[sorted.Length];
        double sum = 0;
        for (int i = 0; i < sorted.Length; i++)
            cumulative[i] = sum += sorted[i].Value;
    }

    /// <summary>Parses a Python dict literal such as <c>{4: 7.2e-05, 5: 0.00016}</c>; null when it is none.</summary>
    public static Dictionary<int, double>? ParseLiteral(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.Length < 2 || text[0] != '{' || text[^1] != '}')
            return null;
        text = text[1..^1];
        var result = new Dictionary<int, double>();
        foreach (Range range in text.Split(','))
        {
            ReadOnlySpan<char> pair = text[range].Trim();
            if (pair.Length == 0)
                continue;
            int colon = pair.IndexOf(':');
            if (colon < 0
                || !int.TryParse(pair[..colon], NumberStyles.Integer, CultureInfo.InvariantCulture, out int tokens) || tokens < 0
                || !double.TryParse(pair[(colon + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out double probability)
                || !(probability >= 0))
                return null;
            result[tokens] = probability;
        }

        return result;
    }

    public int Next(RandomStream random)
    {
        int index = Array.BinarySearch(cumulative, random.NextDouble() * cumulative[^1]);
        return Math.Max(1, tokens[Math.Min(index < 0 ? ~index : index + 1, tokens.Length - 1)]);
    }
}
