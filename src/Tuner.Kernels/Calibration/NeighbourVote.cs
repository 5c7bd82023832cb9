using MathNet.Numerics.Statistics;

namespace Tuner.Kernels.Calibration;

/// <summary>Predicts each measurement from its neighbours along several axes, as if it had not been made.</summary>
/// <remarks>
/// Each axis offers one interpolated guess. Axes that guess better over the whole table weigh more (by the inverse square of their
/// median error), and the weighted median takes one spoilt neighbour for what it is.
/// </remarks>
internal static class NeighbourVote
{
    /// <summary>Predicts every measurement.</summary>
    /// <param name="values">Measured values.</param>
    /// <param name="guesses">For each measurement one guess an axis; NaN where an axis has no neighbours.</param>
    /// <returns>The predictions; NaN where no axis had neighbours.</returns>
    public static double[] Predict(double[] values, double[][] guesses)
    {
        int axes = guesses.Length == 0 ? 0 : guesses[0].Length;
        double[] weights = new double[axes];
        for (int axis = 0; axis < axes; axis++)
        {
            double[] errors = [.. Enumerable.Range(0, values.Length).Where(i => !double.IsNaN(guesses[i][axis])).Select(i => Math.Abs(guesses[i][axis] - values[i]))];
            double typical = errors.Length == 0 ? 1 : Math.Max(1e-4, errors.Median());
            weights[axis] = 1 / (typical * typical);
        }

        var predicted = new double[values.Length];
        var order = new int[axes];
        for (int i = 0; i < values.Length; i++)
            predicted[i] = WeightedMedian(guesses[i], weights, order);
        return predicted;
    }

    private static double WeightedMedian(double[] guesses, double[] weights, int[] order)
    {
        int count = 0;
        double total = 0;
        for (int axis = 0; axis < guesses.Length; axis++)
        {
            if (double.IsNaN(guesses[axis]))
                continue;
            int at = count++;
            while (at > 0 && guesses[order[at - 1]] > guesses[axis])
            {
                order[at] = order[at - 1];
                at--;
            }

            order[at] = axis;
            total += weights[axis];
        }

        if (count == 0)
            return double.NaN;

        // Interpolated between the two guesses around half of the weight, so that two equal axes give their mean.
        double passed = 0;
        for (int i = 0; i < count; i++)
        {
            double middle = passed + (0.5 * weights[order[i]]);
            if (middle >= 0.5 * total)
            {
                if (i == 0)
                    return guesses[order[0]];
                double before = passed - (0.5 * weights[order[i - 1]]);
                double share = ((0.5 * total) - before) / (middle - before);
                return guesses[order[i - 1]] + (share * (guesses[order[i]] - guesses[order[i - 1]]));
            }

            passed += weights[order[i]];
        }

        return guesses[order[count - 1]];
    }
}
