namespace Tuner.Env.Costs;

/// <summary>One part of a step's time.</summary>
/// <param name="Name">What takes the time.</param>
/// <param name="Seconds">How long, over all layers of a stage.</param>
/// <param name="Provenance">What the figure rests on.</param>
/// <param name="Spread">Eightieth percentile of |log(predicted / measured)| for such calls.</param>
/// <param name="OctavesOutside">How far the shape lies outside what was measured, in factors of two, summed over its axes; 0 within.</param>
public sealed record CostTerm(string Name, double Seconds, Provenance Provenance, double Spread, double OctavesOutside)
{
    /// <summary>Name of the part no kernel takes.</summary>
    public const string Host = "host";

    /// <summary>Name of that part where it holds the draft's passes too.</summary>
    public const string DraftingAndHost = "drafting and host";

    /// <summary>Whether kernels take the time, rather than what an engine does between them.</summary>
    public bool IsKernel => Name is not (Host or DraftingAndHost);
}
