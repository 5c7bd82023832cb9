namespace Tuner.Env.Costs;

/// <summary>The 80 % band of a predicted benchmark: from prediction · e⁻ʷ to prediction · eʷ.</summary>
public static class PredictionBand
{
    /// <summary>Spread of a step's kernels: their terms' spreads, wider outside what was measured, weighted by time and taken as independent.</summary>
    /// <param name="terms">Where the time of the step goes; host time is left to <see cref="EngineSpread"/>.</param>
    /// <returns>A logarithm; 0 without kernels.</returns>
    public static double Kernels(IEnumerable<CostTerm> terms)
    {
        double squares = 0;
        double total = 0;
        foreach (CostTerm term in terms)
        {
            total += term.Seconds;
            if (term.IsKernel)
                squares += Math.Pow(term.Seconds * term.Spread * (1 + term.OctavesOutside), 2);
        }

        return total > 0 ? Math.Sqrt(squares) / total : 0;
    }

    /// <summary>Half-width of the band of time per output token, as a logarithm.</summary>
    /// <param name="decode">Terms of a decode step half-way through the output.</param>
    /// <param name="engine">The engine's name.</param>
    public static double TokenTime(IEnumerable<CostTerm> decode, string engine) => double.Hypot(Kernels(decode), EngineSpread.For(engine).TokenTime);

    /// <summary>Half-width of the band of time to first token, as a logarithm.</summary>
    /// <param name="prefill">Terms of the prefill of one prompt.</param>
    /// <param name="engine">The engine's name.</param>
    public static double FirstToken(IEnumerable<CostTerm> prefill, string engine) => double.Hypot(Kernels(prefill), EngineSpread.For(engine).FirstToken);
}
