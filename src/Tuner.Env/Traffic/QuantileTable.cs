namespace Tuner.Env.Traffic;

/// <summary>A distribution of lengths by its quantiles, with the logarithm of the length linear in between.</summary>
internal sealed class QuantileTable
{
    private readonly double[] probabilities;
    private readonly double[] logs;

    public QuantileTable(double[][] table)
    {
        if (table.Length < 2 || table[0][0] != 0 || table[^1][0] != 1)
            throw new ArgumentException("A quantile table runs from probability 0 to 1.", nameof(table));
        probabilities = [.. table.Select(pair => pair[0])];
        logs = [.. table.Select(pair => Math.Log(pair[1]))];
    }

    /// <summary>The length at a probability in [0, 1].</summary>
    public int At(double probability)
    {
        int index = Array.BinarySearch(probabilities, probability);
        if (index < 0)
            index = ~index - 1;
        index = Math.Clamp(index, 0, probabilities.Length - 2);
        double part = (probability - probabilities[index]) / (probabilities[index + 1] - probabilities[index]);
        return Math.Max(1, (int)Math.Round(Math.Exp(logs[index] + (part * (logs[index + 1] - logs[index])))));
    }
}
