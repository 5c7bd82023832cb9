namespace Tuner.Cli.Commands.Traffic;

/// <summary>Token counts sorted into bins that grow by a constant factor, from 1 token up.</summary>
/// <param name="Edges">The bins' edges, one more than there are bins.</param>
/// <param name="Shares">Share of the requests in each bin.</param>
internal sealed record LogBins(double[] Edges, double[] Shares)
{
    /// <param name="tokens">The lengths, each at least 1.</param>
    /// <param name="binsADoubling">How fine the bins are.</param>
    public static LogBins Of(ReadOnlySpan<int> tokens, int binsADoubling)
    {
        int last = 0;
        var counts = new List<int>();
        foreach (int length in tokens)
        {
            int bin = (int)(Math.Log2(length) * binsADoubling);
            last = Math.Max(last, bin);
            while (counts.Count <= last)
                counts.Add(0);
            counts[bin]++;
        }

        int first = Math.Max(0, counts.FindIndex(count => count > 0));
        double[] edges = [.. Enumerable.Range(first, last - first + 2).Select(bin => Math.Pow(2, (double)bin / binsADoubling))];
        int total = tokens.Length;
        return new LogBins(edges, [.. counts.Skip(first).Select(count => (double)count / total)]);
    }
}
