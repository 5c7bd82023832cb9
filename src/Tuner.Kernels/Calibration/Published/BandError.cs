namespace Tuner.Kernels.Calibration.Published;

/// <summary>How far one benchmark lies from its prediction, and what kernels' tables leave open of it.</summary>
/// <param name="Configuration">Its engine, model, parallelism and lengths: benchmarks alike but for the requests in flight share it.</param>
/// <param name="Kernels">Spread of the kernels of its steps, as a logarithm.</param>
/// <param name="Size">|log(predicted / measured)|.</param>
public readonly record struct BandError(string Configuration, double Kernels, double Size)
{
    /// <summary>Whether it lies in a band of the kernels' spread and an engine's.</summary>
    /// <param name="engine">The engine's, as a logarithm.</param>
    public bool Lies(double engine) => Size <= double.Hypot(Kernels, engine);
}
