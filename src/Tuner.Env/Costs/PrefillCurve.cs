using System.Runtime.CompilerServices;

namespace Tuner.Env.Costs;

/// <summary>Prefill attention of one layer for one layout of heads.</summary>
internal sealed class PrefillCurve
{
    private readonly AttentionTerm term;
    private readonly double heads;
    private readonly double kvHeads;
    private readonly int layout;

    public PrefillCurve(AttentionTerm term, double heads, double kvHeads)
    {
        this.term = term;
        this.heads = heads;
        this.kvHeads = kvHeads;
        layout = HeadChoice.Nearest(term.Heads, heads, kvHeads);
    }

    /// <summary>Seconds for chunks with these query–key pairs and tokens in all.</summary>
    /// <remarks>
    /// Chunks are timed as whole prompts of equal length with the same pairs and tokens: n = tokens / length prompts of
    /// length = 2 · pairs / tokens − 1. A chunk late in a long prompt is a fraction of a long one.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double At(double pairs, double tokens)
    {
        double length = Math.Max(1, (2 * pairs / tokens) - 1);
        double prompts = tokens / length;
        double roofline = term.Roofline(heads, kvHeads, prompts, length);
        if (term.Residuals is not { } grid)
            return roofline;
        return roofline * Math.Exp(AttentionGrid.Between(grid, layout, prompts, length));
    }

    /// <summary>Arithmetic seconds of query–key pairs.</summary>
    public double ArithmeticSeconds(double pairs) => pairs * 4 * heads * term.HeadDim / term.Rate;
}
