using System.Runtime.CompilerServices;

namespace Tuner.Env.Costs;

/// <summary>Attention of a step that both processes prompts and decodes, against the two by themselves.</summary>
/// <remarks>
/// An engine runs one kernel for both. Its tiles suit prompts, so decoding sequences cost more in it than alone: half as much again with 64 of
/// them on a workstation GPU, less with few.
/// </remarks>
/// <param name="Residuals">log(both together / (prompts alone + decoding alone)): prompt tokens × sequences × cached tokens of each.</param>
/// <param name="Spread">Eightieth percentile of |log(predicted / measured)| where prompts continue a context, which the grid leaves out.</param>
/// <param name="Source">Where the figures come from.</param>
public sealed record MixedAttentionTerm(ResidualGrid Residuals, double Spread, string Source)
{
    /// <summary>Together over apart.</summary>
    /// <param name="promptTokens">Prompt tokens of the step.</param>
    /// <param name="sequences">Sequences that decode.</param>
    /// <param name="kvTokens">Cached tokens they attend to, together.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Factor(double promptTokens, double sequences, double kvTokens)
    {
        (int k, double w) = ResidualGrid.Locate(Residuals.ZNodes, kvTokens / sequences);
        double log = Residuals.Between(promptTokens, sequences, k);
        if (w > 0)
            log += w * (Residuals.Between(promptTokens, sequences, k + 1) - log);
        return double.IsNaN(log) ? 1 : Math.Exp(log);
    }
}
