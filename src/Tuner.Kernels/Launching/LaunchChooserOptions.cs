using System.ComponentModel.DataAnnotations;

namespace Tuner.Kernels.Launching;

/// <summary>How much a launch chooser may time, and when it stops.</summary>
public sealed class LaunchChooserOptions
{
    /// <summary>Most configurations tried, as a share of the space.</summary>
    /// <value>0.08 by default, set on recorded convolution and point-in-polygon kernels: at 0.05 one run in three missed the best's neighbourhood.</value>
    [Range(0.001, 1)]
    public double TriedShare { get; set; } = 0.08;

    /// <summary>Fewest configurations tried, where the space has as many.</summary>
    /// <value>24 by default.</value>
    [Range(1, 1_000_000)]
    public int LeastTried { get; set; } = 24;

    /// <summary>Most configurations tried, however large the space.</summary>
    /// <value>600 by default: the model's cost grows with the cube.</value>
    [Range(1, 10_000)]
    public int MostTried { get; set; } = 600;

    /// <summary>Part of the tries that screens the space; the rest follows the model and its neighbours.</summary>
    /// <value>0.25 by default.</value>
    [Range(0.05, 1)]
    public double ScreenShare { get; set; } = 0.25;

    /// <summary>Configurations in the final race.</summary>
    /// <value>8 by default.</value>
    [Range(1, 100)]
    public int Finalists { get; set; } = 8;

    /// <summary>Most timings of a finalist.</summary>
    /// <value>15 by default.</value>
    [Range(2, 1000)]
    public int TimingsOfAFinalist { get; set; } = 15;

    /// <summary>Differences below this share of the time are not worth another timing.</summary>
    /// <value>0.005 by default.</value>
    [Range(0, 0.5)]
    public double Indifference { get; set; } = 0.005;
}
