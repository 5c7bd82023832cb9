namespace Tuner.Env.Costs;

/// <summary>What a figure rests on.</summary>
public enum Provenance
{
    /// <summary>A formula with constants from data sheets or from another device.</summary>
    Analytic,

    /// <summary>Others measured it on this kind of device and published it.</summary>
    Published,

    /// <summary>Measured on the device at hand.</summary>
    MeasuredHere,
}
