using Tuner.Env.Simulation;

namespace Tuner.Env.Traffic;

/// <summary>Random numbers of the distributions that arrivals and lengths follow.</summary>
internal static class Draws
{
    /// <summary>A gamma-distributed number (Marsaglia and Tsang, ACM TOMS 26(3), 2000). Its mean is shape × scale.</summary>
    /// <remarks>Below shape 1 a draw of shape + 1 is multiplied by U^(1/shape), as in the paper's section 6.</remarks>
    public static double Gamma(RandomStream random, double shape, double scale)
    {
        double boost = 1;
        if (shape < 1)
        {
            boost = Math.Pow(1 - random.NextDouble(), 1 / shape);
            shape += 1;
        }

        double d = shape - (1.0 / 3);
        double c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = random.NextGaussian();
            double v = 1 + (c * x);
            if (v <= 0)
                continue;
            v = v * v * v;
            double u = 1 - random.NextDouble();
            if (Math.Log(u) < (0.5 * x * x) + (d * (1 - v + Math.Log(v))))
                return boost * d * v * scale;
        }
    }

    /// <summary>A Weibull-distributed number by inversion: scale·(−ln U)^(1/shape).</summary>
    public static double Weibull(RandomStream random, double shape, double scale)
        => scale * Math.Pow(-Math.Log(1 - random.NextDouble()), 1 / shape);
}
