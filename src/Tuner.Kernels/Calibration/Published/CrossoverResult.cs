namespace Tuner.Kernels.Calibration.Published;

/// <summary>A published finding beside what the cost model says.</summary>
/// <param name="Crossover">The finding.</param>
/// <param name="More">Predicted for the side found to be more.</param>
/// <param name="Less">Predicted for the other.</param>
public sealed record CrossoverResult(Crossover Crossover, double More, double Less)
{
    /// <summary>Whether the prediction has the same sign.</summary>
    public bool Holds => More > Less;
}
