using Tuner.Env.Simulation;

namespace Tuner.Env.Evaluation;

/// <summary>Confidence intervals by resampling blocks of time, the same blocks for every policy (Efron 1979; Künsch 1989).</summary>
public static class PairedBootstrap
{
    private const int Resamples = 1000;

    /// <summary>The 95 % interval of a ratio of sums over blocks, such as requests met over requests.</summary>
    /// <param name="numerators">One value a block.</param>
    /// <param name="denominators">One value a block.</param>
    /// <param name="seed">Same seed, same blocks: pass the same to every policy of a comparison.</param>
    public static (double Low, double High) Ratio(ReadOnlySpan<double> numerators, ReadOnlySpan<double> denominators, ulong seed)
    {
        RandomStream random = RandomStream.For(seed, "bootstrap");
        double[] ratios = new double[Resamples];
        for (int i = 0; i < Resamples; i++)
        {
            double top = 0;
            double bottom = 0;
            for (int draw = 0; draw < numerators.Length; draw++)
            {
                int block = random.NextInt(numerators.Length);
                top += numerators[block];
                bottom += denominators[block];
            }

            ratios[i] = bottom > 0 ? top / bottom : 0;
        }

        Array.Sort(ratios);
        return (ratios[(int)(0.025 * Resamples)], ratios[(int)(0.975 * Resamples) - 1]);
    }
}
