namespace Tuner.Kernels.Calibration.Published;

/// <summary>A published finding that one thing is more than another, to be found again in predictions.</summary>
/// <param name="Section">Section of the collected figures: 2 precision, 3 batch, 4 cache, 5 speculation, 6 drafts.</param>
/// <param name="Device">The GPU's short name.</param>
/// <param name="Claim">What was found, with its figures.</param>
/// <param name="Source">Who found it.</param>
/// <param name="Unit">Unit of both sides.</param>
/// <param name="More">The side found to be more.</param>
/// <param name="Less">The side found to be less.</param>
public sealed record Crossover(int Section, string Device, string Claim, string Source, string Unit, Func<CrossoverBench, double> More, Func<CrossoverBench, double> Less);
