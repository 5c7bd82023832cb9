namespace Tuner.Env.Scenarios;

/// <summary>What changing a setting costs while the cluster serves.</summary>
/// <param name="LayoutSeconds">Pause of a replica built anew when the layout changes, moving of kept KV included.</param>
/// <param name="PrecisionFixedSeconds">Pause when precision changes, beside loading the weights.</param>
/// <param name="WeightLoadBytesPerSecond">Bandwidth at which a GPU loads weights from host memory.</param>
/// <param name="KvConversionSeconds">Pause when the KV cache changes format, beside rewriting what is cached.</param>
/// <param name="KvConversionBytesPerSecond">Bandwidth at which cached KV is rewritten on a GPU.</param>
public sealed record SwitchingSpec(
    double LayoutSeconds,
    double PrecisionFixedSeconds,
    double WeightLoadBytesPerSecond,
    double KvConversionSeconds,
    double KvConversionBytesPerSecond)
{
    /// <summary>Pause for capturing graphs after a change of layout, precision, KV format or draft; 0 where they are captured beforehand.</summary>
    public double GraphSeconds { get; init; }

    /// <summary>Whether replicas change one after another instead of all at once.</summary>
    public bool Rolling { get; init; }

    /// <summary>What becomes of running requests when the layout changes.</summary>
    public InFlightRule InFlight { get; init; }

    /// <summary>
    /// Whether weights are loaded while the replica goes on serving. Until they are there, KV memory is what both sets leave; where they
    /// leave too little, the replica pauses after all.
    /// </summary>
    public bool LoadsWhileServing { get; init; }
}
