using MathNet.Numerics.Distributions;

namespace Tuner.Kernels.Launching;

/// <summary>Predicts the log time of untimed configurations from timed ones: a Gaussian process over the prior.</summary>
/// <remarks><code>
/// log time = a + b · log prior + f      cov f(x, y) = σ² · Π over parameters of exp(−|x − y| / length)
/// </code>
/// x and y are places on an axis, scaled to [0, 1]. A product lets parameters interact: the best block size is another one for
/// another tile. Lengths and noise are those of the highest marginal likelihood, by coordinate steps of a factor two (Rasmussen
/// and Williams, "Gaussian Processes for Machine Learning", 2006, chapters 2 and 5).
/// </remarks>
internal sealed class LaunchSurrogate
{
    private const double ShortestLength = 0.2;
    private const double LongestLength = 50;
    private const double LeastNoise = 1e-4;
    private const double MostNoise = 0.3;

    /// <summary>Points the lengths are fitted on: the cost grows with their cube.</summary>
    private const int MostFitted = 160;

    private readonly double[] logPrior;
    private readonly double[] lengths;
    private readonly int[] widths;
    private readonly int[] places;
    private readonly double[] similarity;
    private readonly int[] tables;
    private double noise = 1e-3;
    private int[] seen = [];
    private double[] coefficients = [];
    private double[] factor = [];
    private double scale = 1;
    private double bias;
    private double slope;

    public LaunchSurrogate(LaunchSpace space, double[] logPrior)
    {
        this.logPrior = logPrior;
        widths = [.. space.Axes.Select(axis => axis.Values.Count)];
        tables = new int[widths.Length];
        for (int axis = 1; axis < tables.Length; axis++)
            tables[axis] = tables[axis - 1] + (widths[axis - 1] * widths[axis - 1]);
        places = [.. Enumerable.Range(0, space.Count).SelectMany(i => space.Places(i).ToArray())];
        lengths = new double[widths.Length];
        Array.Fill(lengths, 1);
        similarity = new double[widths.Sum(width => width * width)];
        for (int axis = 0; axis < widths.Length; axis++)
            Tabulate(axis);
    }

    /// <summary>Learns from what was timed.</summary>
    /// <param name="configurations">The configurations, fastest first.</param>
    /// <param name="logSeconds">Their log times.</param>
    /// <param name="sweeps">Rounds of improving the lengths.</param>
    public void Fit(int[] configurations, double[] logSeconds, int sweeps)
    {
        seen = configurations;
        FitPrior(logSeconds);
        double[] rest = [.. logSeconds.Select((value, i) => value - bias - (slope * logPrior[configurations[i]]))];
        double deviation = Math.Sqrt(rest.Average(value => value * value)) + 1e-12;
        for (int i = 0; i < rest.Length; i++)
            rest[i] /= deviation;

        // The fastest half of the fitted points, and the rest of them spread over the slower ones.
        int fitted = Math.Min(MostFitted, rest.Length);
        int[] subset = [.. Enumerable.Range(0, fitted).Select(i => i < fitted / 2 ? i : (int)(fitted / 2 + ((long)(i - (fitted / 2)) * (rest.Length - (fitted / 2)) / (fitted - (fitted / 2)))))];
        Improve([.. subset.Select(i => seen[i])], [.. subset.Select(i => rest[i])], sweeps);
        factor = Factor(seen, noise);
        coefficients = LowerTriangle.Solve(factor, rest, out double quadratic);
        scale = deviation * Math.Sqrt(quadratic / rest.Length);
        for (int i = 0; i < coefficients.Length; i++)
            coefficients[i] *= deviation;
    }

    /// <summary>The expected log times of all configurations.</summary>
    public double[] Means()
    {
        // A row of similarities for every timed configuration and axis, found once: this is where the time goes.
        int[] rows = new int[seen.Length * widths.Length];
        for (int i = 0; i < seen.Length; i++)
        {
            for (int axis = 0; axis < widths.Length; axis++)
                rows[(i * widths.Length) + axis] = tables[axis] + (places[(seen[i] * widths.Length) + axis] * widths[axis]);
        }

        double[] means = new double[logPrior.Length];
        for (int configuration = 0; configuration < means.Length; configuration++)
        {
            ReadOnlySpan<int> own = places.AsSpan(configuration * widths.Length, widths.Length);
            double sum = bias + (slope * logPrior[configuration]);
            for (int i = 0; i < coefficients.Length; i++)
            {
                ReadOnlySpan<int> row = rows.AsSpan(i * own.Length, own.Length);
                double product = coefficients[i];
                for (int axis = 0; axis < own.Length; axis++)
                    product *= similarity[row[axis] + own[axis]];
                sum += product;
            }

            means[configuration] = sum;
        }

        return means;
    }

    /// <summary>The standard deviation of the log time.</summary>
    private double Deviation(int configuration)
    {
        int count = seen.Length;
        double[] row = new double[count];
        double explained = 0;
        for (int i = 0; i < count; i++)
        {
            double value = Similarity(configuration, seen[i]) - LowerTriangle.Dot(factor.AsSpan(i * count, i), row.AsSpan(0, i));
            row[i] = value / factor[(i * count) + i];
            explained += row[i] * row[i];
        }

        return scale * Math.Sqrt(Math.Max(1e-9, 1 - explained));
    }

    /// <summary>By how much a configuration is expected to undercut a log time (Jones, Schonlau and Welch, J. Global Optimization 13, 1998).</summary>
    public double ExpectedImprovement(int configuration, double mean, double best)
    {
        double deviation = Deviation(configuration);
        double gain = (best - mean) / deviation;
        return deviation * ((gain * Normal.CDF(0, 1, gain)) + Normal.PDF(0, 1, gain));
    }

    private void FitPrior(double[] logSeconds)
    {
        double meanPrior = seen.Average(i => logPrior[i]);
        double meanTime = logSeconds.Average();
        (double cross, double square) = (0, 1e-6);
        for (int i = 0; i < seen.Length; i++)
        {
            double prior = logPrior[seen[i]] - meanPrior;
            cross += prior * (logSeconds[i] - meanTime);
            square += prior * prior;
        }

        // A prior that is worse than none is left out; more than it says is never read into it.
        slope = Math.Clamp(cross / square, 0, 1);
        bias = meanTime - (slope * meanPrior);
    }

    private void Improve(int[] points, double[] values, int sweeps)
    {
        double best = Likelihood(points, values, noise);
        for (int sweep = 0; sweep < sweeps; sweep++)
        {
            for (int axis = 0; axis < lengths.Length; axis++)
            {
                double kept = lengths[axis];
                foreach (double other in (double[])[kept / 2, kept * 2])
                {
                    Lengthen(axis, Math.Clamp(other, ShortestLength, LongestLength));
                    double likelihood = Likelihood(points, values, noise);
                    if (likelihood > best)
                        (best, kept) = (likelihood, lengths[axis]);
                }

                Lengthen(axis, kept);
            }

            foreach (double other in (double[])[noise / 3, noise * 3])
            {
                double likelihood = Likelihood(points, values, Math.Clamp(other, LeastNoise, MostNoise));
                if (likelihood > best)
                    (best, noise) = (likelihood, Math.Clamp(other, LeastNoise, MostNoise));
            }
        }
    }

    private void Lengthen(int axis, double length)
    {
        lengths[axis] = length;
        Tabulate(axis);
    }

    private void Tabulate(int axis)
    {
        int count = widths[axis];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < count; j++)
                similarity[tables[axis] + (i * count) + j] = Math.Exp(-Math.Abs(i - j) / (lengths[axis] * Math.Max(1, count - 1)));
        }
    }

    private double Similarity(int one, int other)
    {
        ReadOnlySpan<int> left = places.AsSpan(one * widths.Length, widths.Length);
        ReadOnlySpan<int> right = places.AsSpan(other * widths.Length, widths.Length);
        double product = 1;
        for (int axis = 0; axis < widths.Length; axis++)
            product *= similarity[tables[axis] + (left[axis] * widths[axis]) + right[axis]];
        return product;
    }

    private double Likelihood(int[] points, double[] values, double noise)
    {
        double[] lower = Factor(points, noise);
        LowerTriangle.Solve(lower, values, out double quadratic);
        double logDeterminant = 0;
        for (int i = 0; i < points.Length; i++)
            logDeterminant += Math.Log(lower[(i * points.Length) + i]);
        return (-0.5 * points.Length * Math.Log(quadratic)) - logDeterminant;
    }

    /// <summary>The lower Cholesky factor of similarity + noise, row after row.</summary>
    private double[] Factor(int[] points, double noise)
    {
        int count = points.Length;
        double[] lower = new double[count * count];
        for (int i = 0; i < count; i++)
        {
            Span<double> row = lower.AsSpan(i * count, i + 1);
            for (int j = 0; j <= i; j++)
            {
                ReadOnlySpan<double> above = lower.AsSpan(j * count, j);
                double value = i == j ? 1 + noise : Similarity(points[i], points[j]);
                value -= LowerTriangle.Dot(row[..j], above);
                row[j] = i == j ? Math.Sqrt(Math.Max(1e-12, value)) : value / lower[(j * count) + j];
            }
        }

        return lower;
    }
}
