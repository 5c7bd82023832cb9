using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Samples;

namespace Tuner.Kernels.Calibration;

/// <summary>Fits matrix products: a roofline, and on a grid what measurements add to it.</summary>
internal static class GemmSurface
{
    /// <summary>Narrower matrices occur in no model served.</summary>
    private const int Narrowest = 128;

    /// <summary>A node is a hiccup of the measurement when it departs from all its neighbours by more than this many typical errors, and a fifth.</summary>
    private const double Hiccup = 3;

    /// <summary>Fits one precision.</summary>
    /// <param name="samples">Measurements of every precision.</param>
    /// <param name="precision">The precision fitted.</param>
    /// <param name="bytesPerWeight">Bytes a weight takes, block scales included.</param>
    /// <param name="source">Where the measurements come from.</param>
    /// <param name="label">What the errors are listed under.</param>
    /// <param name="leftOut">Receives the label and the errors of calls left out, as log(predicted / measured).</param>
    /// <exception cref="CalibrationException">Too few measurements.</exception>
    public static (GemmTerm Term, FitError Error) Fit(IEnumerable<GemmSample> samples, KernelPrecision precision, double bytesPerWeight, string source, string label, Action<string, double[]>? leftOut = null)
    {
        GemmFit roofline = RooflineFit.Gemm(samples, precision, bytesPerWeight);
        GemmSample[] used = [.. samples.Where(sample => sample.Precision == precision && sample.Outputs >= Narrowest && sample.Inputs >= Narrowest)];
        int[] outputs = [.. used.Select(sample => sample.Outputs).Distinct().Order()];
        int[] inputs = [.. used.Select(sample => sample.Inputs).Distinct().Order()];
        int[] rows = [.. used.Select(sample => sample.Rows).Distinct().Order()];
        double[,,] residual = Fill(used, roofline, outputs, inputs, rows);
        int[][] families = [.. rows.GroupBy(GemmTerm.IsAligned).Select(family => family.Select(row => Array.IndexOf(rows, row)).ToArray())];
        var place = new (int[] Family, int[] Rows, int Index)[rows.Length];
        foreach (int[] family in families)
        {
            int[] familyRows = [.. family.Select(index => rows[index])];
            for (int i = 0; i < family.Length; i++)
                place[family[i]] = (family, familyRows, i);
        }

        var nodes = new List<(int I, int J, int K)>();
        var guesses = new List<double[]>();
        for (int i = 0; i < outputs.Length; i++)
        {
            for (int j = 0; j < inputs.Length; j++)
            {
                for (int k = 0; k < rows.Length; k++)
                {
                    if (double.IsNaN(residual[i, j, k]))
                        continue;
                    (int[] family, int[] familyRows, int at) = place[k];
                    (int a, int b, int c) = (i, j, k);
                    nodes.Add((i, j, k));
                    guesses.Add(
                    [
                        AxisInterpolation.Around(familyRows, at, index => residual[a, b, family[index]]),
                        AxisInterpolation.Around(outputs, i, index => residual[index, b, c]),
                        AxisInterpolation.Around(inputs, j, index => residual[a, index, c]),
                    ]);
                }
            }
        }

        double[] measured = [.. nodes.Select(node => residual[node.I, node.J, node.K])];
        double[] predicted = NeighbourVote.Predict(measured, [.. guesses]);
        double[] errors = [.. predicted.Zip(measured, (guess, truth) => guess - truth).Where(error => !double.IsNaN(error))];
        leftOut?.Invoke(label, errors);
        double spread = SurfaceErrors.Spread(errors);
        double hiccup = Math.Max(Math.Log(1.2), Hiccup * spread);
        for (int n = 0; n < nodes.Count; n++)
        {
            double departure = measured[n] - predicted[n];
            if (Math.Abs(departure) > hiccup && guesses[n].All(guess => double.IsNaN(guess) || ((measured[n] - guess) * departure > 0 && Math.Abs(measured[n] - guess) > hiccup)))
                residual[nodes[n].I, nodes[n].J, nodes[n].K] = predicted[n];
        }

        // Up to 16 rows only powers of two are kept: a step there is bound by reading weights, whatever the rows.
        int[] kept = [.. rows.Where(row => row > 16 || int.IsPow2(row))];
        var values = new double[outputs.Length * inputs.Length * kept.Length];
        for (int i = 0, n = 0; i < outputs.Length; i++)
        {
            for (int j = 0; j < inputs.Length; j++)
            {
                foreach (int row in kept)
                    values[n++] = residual[i, j, Array.IndexOf(rows, row)];
            }
        }

        var term = new GemmTerm(precision, Provenance.Published, roofline, new ResidualGrid(outputs, inputs, kept, values), spread, source);
        return (term, SurfaceErrors.Summarise(label, errors, $"every product left out in turn, {Narrowest} columns or more"));
    }

    private static double[,,] Fill(GemmSample[] samples, GemmFit roofline, int[] outputs, int[] inputs, int[] rows)
    {
        var residual = new double[outputs.Length, inputs.Length, rows.Length];
        for (int i = 0; i < outputs.Length; i++)
        {
            for (int j = 0; j < inputs.Length; j++)
            {
                for (int k = 0; k < rows.Length; k++)
                    residual[i, j, k] = double.NaN;
            }
        }

        foreach (GemmSample sample in samples)
        {
            residual[Array.BinarySearch(outputs, sample.Outputs), Array.BinarySearch(inputs, sample.Inputs), Array.BinarySearch(rows, sample.Rows)] =
                Math.Log(sample.Seconds / roofline.Seconds(sample.Rows, sample.Outputs, sample.Inputs));
        }

        return residual;
    }
}
