namespace Tuner.Kernels.Calibration.Published;

/// <summary>How many measurements lie in the 80 % band of what was predicted for them.</summary>
/// <param name="What">The term, or the engine and figure.</param>
/// <param name="Rows">Measurements.</param>
/// <param name="HalfWidth">Half-width of the band, or what the engine adds to the kernels' where those differ, as a logarithm.</param>
/// <param name="Shipped">Share in the band that ships.</param>
/// <param name="LeftOut">Share in a band made without the measurement: without every tenth call, or without the benchmark's configuration.</param>
public sealed record BandCoverage(string What, int Rows, double HalfWidth, double Shipped, double LeftOut)
{
    /// <summary>Least share that is to lie in a band.</summary>
    public const double Least = 0.75;

    /// <summary>Greatest share that is to.</summary>
    public const double Most = 0.85;

    /// <summary>Whether the share of measurements left out is neither too low nor too high.</summary>
    public bool IsRight => LeftOut is >= Least and <= Most;
}
