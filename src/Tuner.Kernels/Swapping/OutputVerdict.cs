namespace Tuner.Kernels.Swapping;

/// <summary>What a comparison found.</summary>
/// <param name="Agrees">Whether the output keeps the tolerance.</param>
/// <param name="Finite">Whether it is finite wherever it differs.</param>
/// <param name="Worst">The largest difference of an element.</param>
/// <param name="Bound">The largest one allowed.</param>
public readonly record struct OutputVerdict(bool Agrees, bool Finite, double Worst, double Bound);
