using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Samples;

namespace Tuner.Kernels.Calibration;

/// <summary>Fits one attention kernel: floor and rate, and on a grid of head layouts, sequences and tokens what measurements add.</summary>
internal static class AttentionSurface
{
    /// <summary>Fits a kernel.</summary>
    /// <param name="samples">Measurements of every kernel.</param>
    /// <param name="phase">Prefill or decode.</param>
    /// <param name="kvBits">Bits of a cached element.</param>
    /// <param name="headDim">Width of a head.</param>
    /// <param name="window">Sliding window; 0 is full attention.</param>
    /// <param name="source">Where the measurements come from.</param>
    /// <param name="label">What the errors are listed under.</param>
    /// <param name="leftOut">Receives the label and the errors of calls left out, as log(predicted / measured).</param>
    /// <param name="fewest">Calls below which nothing is fitted.</param>
    /// <returns>The term and its error, each measurement left out in turn; null when nothing was measured.</returns>
    public static (AttentionTerm Term, FitError Error)? Fit(
        IReadOnlyList<AttentionSample> samples, AttentionPhase phase, int kvBits, int headDim, int window, string source, string label, Action<string, double[]>? leftOut = null, int fewest = 100)
    {
        AttentionSample[] used = [.. samples.Where(sample => sample.Phase == phase && sample.KvBits == kvBits && sample.HeadDim == headDim && sample.Window == window)];
        if (used.Length < fewest)
            return null;
        (double rate, double floor) = RooflineFit.Attention(used);
        HeadLayout[] layouts = [.. used.Select(sample => new HeadLayout(sample.Heads, sample.KvHeads)).Distinct().OrderBy(layout => layout.Query).ThenBy(layout => layout.Kv)];
        int[] sequences = [.. used.Select(sample => sample.Batch).Distinct().Order()];
        int[] tokens = [.. used.Select(sample => sample.Tokens).Distinct().Order()];
        var roofline = new AttentionTerm(phase, kvBits, headDim, window, Provenance.Published, rate, floor, layouts, null, 0, source);
        var residual = new double[layouts.Length, sequences.Length, tokens.Length];
        for (int i = 0; i < layouts.Length; i++)
        {
            for (int j = 0; j < sequences.Length; j++)
            {
                for (int k = 0; k < tokens.Length; k++)
                    residual[i, j, k] = double.NaN;
            }
        }

        Dictionary<HeadLayout, int> indexOf = Enumerable.Range(0, layouts.Length).ToDictionary(i => layouts[i]);
        foreach (AttentionSample sample in used)
        {
            residual[indexOf[new HeadLayout(sample.Heads, sample.KvHeads)], Array.BinarySearch(sequences, sample.Batch), Array.BinarySearch(tokens, sample.Tokens)] =
                Math.Log(sample.Seconds / roofline.Roofline(sample.Heads, sample.KvHeads, sample.Batch, sample.Tokens));
        }

        double[] errors = LeftOut(layouts, sequences, tokens, indexOf, residual);
        leftOut?.Invoke(label, errors);
        double spread = SurfaceErrors.Spread(errors);
        var grid = new ResidualGrid([.. Enumerable.Range(0, layouts.Length)], sequences, tokens, [.. residual.Cast<double>()]);
        return (roofline with { Residuals = grid, Spread = spread }, SurfaceErrors.Summarise(label, errors, "every call left out in turn, 64 tokens or more"));
    }

    // Errors of predicting each node from its neighbours in tokens, sequences, query heads and KV heads, and from the layouts with twice
    // or half the heads at half or twice the sequences: the same work, split alike.
    private static double[] LeftOut(HeadLayout[] layouts, int[] sequences, int[] tokens, Dictionary<HeadLayout, int> indexOf, double[,,] residual)
    {
        int[][] byQuery = [.. layouts.Select(layout => Line(other => other.Kv == layout.Kv && other.Query > other.Kv, other => other.Query))];
        int[][] byKv = [.. layouts.Select(layout => Line(other => other.Query == layout.Query && other.Query > other.Kv, other => other.Kv))];
        var values = new List<double>();
        var guesses = new List<double[]>();
        for (int i = 0; i < layouts.Length; i++)
        {
            int doubled = indexOf.GetValueOrDefault(new HeadLayout(2 * layouts[i].Query, 2 * layouts[i].Kv), -1);
            int halved = layouts[i].Query % 2 == 0 && layouts[i].Kv % 2 == 0 ? indexOf.GetValueOrDefault(new HeadLayout(layouts[i].Query / 2, layouts[i].Kv / 2), -1) : -1;
            for (int j = 0; j < sequences.Length; j++)
            {
                for (int k = 0; k < tokens.Length; k++)
                {
                    if (double.IsNaN(residual[i, j, k]) || tokens[k] < 64)
                        continue;
                    (int a, int b, int c) = (i, j, k);
                    values.Add(residual[i, j, k]);
                    guesses.Add(
                    [
                        AxisInterpolation.Around(tokens, k, index => residual[a, b, index]),
                        AxisInterpolation.Around(sequences, j, index => residual[a, index, c]),
                        Along(byQuery[i], i, other => layouts[other].Query, other => residual[other, b, c]),
                        Along(byKv[i], i, other => layouts[other].Kv, other => residual[other, b, c]),
                        At(doubled, sequences[j] / 2.0, k),
                        At(halved, sequences[j] * 2.0, k),
                    ]);
                }
            }
        }

        double[] measured = [.. values];
        return [.. NeighbourVote.Predict(measured, [.. guesses]).Zip(measured, (guess, truth) => guess - truth).Where(error => !double.IsNaN(error))];

        int[] Line(Func<HeadLayout, bool> belongs, Func<HeadLayout, int> by) =>
            [.. Enumerable.Range(0, layouts.Length).Where(index => belongs(layouts[index])).OrderBy(index => by(layouts[index]))];

        static double Along(int[] line, int self, Func<int, int> size, Func<int, double> value)
        {
            int at = Array.IndexOf(line, self);
            return at < 0 ? double.NaN : AxisInterpolation.Around([.. line.Select(size)], at, index => value(line[index]));
        }

        double At(int layout, double batch, int token)
        {
            int row = batch == Math.Floor(batch) ? Array.BinarySearch(sequences, (int)batch) : -1;
            return layout < 0 || row < 0 ? double.NaN : residual[layout, row, token];
        }
    }
}
