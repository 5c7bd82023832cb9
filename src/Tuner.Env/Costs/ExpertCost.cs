namespace Tuner.Env.Costs;

/// <summary>The routed experts of one layer on one GPU, tensor-parallel: analytic, from the roofline of the products' precision.</summary>
/// <remarks>
/// With uniform routing, m tokens that visit k of E experts each touch E · (1 − (1 − k/E)^m) of them, whose weights are read; the arithmetic
/// is that of m · k tokens. Skewed routing touches fewer experts and leaves some GPUs waiting; it is not modelled.
/// </remarks>
internal sealed class ExpertCost(GemmTerm term, ModelSpec model, double width)
{
    /// <summary>No measurement was compared with: a band of a third is an estimate.</summary>
    public const double Spread = 0.33;

    /// <summary>Arithmetic seconds a row.</summary>
    public double SecondsPerRow { get; } = term.Roofline.ArithmeticSeconds(model.ActiveExperts, 3 * width, model.HiddenSize);

    /// <summary>Seconds for a number of tokens.</summary>
    public double Seconds(int rows)
    {
        double touched = model.Experts * (1 - Math.Pow(1 - ((double)model.ActiveExperts / model.Experts), rows));
        double weights = touched * 3 * width * model.HiddenSize * term.Roofline.BytesPerWeight;
        double activations = 2.0 * rows * model.ActiveExperts * (model.HiddenSize + width) * 2;
        return (2 * term.Roofline.OverheadSeconds) + double.Hypot(rows * SecondsPerRow, (weights + activations) / term.Roofline.BytesPerSecond);
    }
}
