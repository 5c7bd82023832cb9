namespace Tuner.Kernels.Calibration.Gpu;

/// <summary>What a kernel reaches of what the hardware can.</summary>
/// <param name="What">The work.</param>
/// <param name="Kernel">The kernel that was quickest.</param>
/// <param name="Achieved">Operations or bytes a second.</param>
/// <param name="Peak">What the hardware can, the same; 0 where it is not known.</param>
/// <param name="Aim">The share aimed at.</param>
public sealed record PeakShare(string What, string Kernel, double Achieved, double Peak, double Aim)
{
    /// <summary>Achieved over peak; not a number where the peak is not known.</summary>
    public double Share => Peak > 0 ? Achieved / Peak : double.NaN;

    /// <summary>Whether the aim is met. More than the peak is a mistake of the measurement, and meets nothing.</summary>
    public bool Met => Share >= Aim && Share <= 1.02;
}
