namespace Tuner.Env.Costs;

/// <summary>The routed experts of one layer as one GPU sees them.</summary>
/// <param name="Hidden">Width of the residual stream.</param>
/// <param name="Width">Width of one expert on this GPU: its intermediate size over the GPUs each expert is split over.</param>
/// <param name="Active">Experts a token visits.</param>
/// <param name="Experts">Experts of the layer, those on other GPUs included.</param>
/// <param name="Ranks">GPUs (or groups of GPUs) the experts are spread over: the expert-parallel degree.</param>
public sealed record ExpertLayout(int Hidden, int Width, int Active, int Experts, int Ranks)
{
    /// <summary>How unlike two layouts are: factors of two between widths, tokens an expert gets, experts on a GPU and ranks, summed.</summary>
    public double OctavesTo(ExpertLayout other) =>
        Octaves(Hidden, other.Hidden)
        + Octaves(Width, other.Width)
        + Octaves((double)Active / Experts, (double)other.Active / other.Experts)
        + Octaves((double)Experts / Ranks, (double)other.Experts / other.Ranks)
        + Octaves(Ranks, other.Ranks);

    private static double Octaves(double a, double b) => Math.Abs(Math.Log2(a / b));
}
