namespace Tuner.Env.Scenarios;

/// <summary>What changing a setting costs while the cluster serves.</summary>
/// <param name="LayoutSeconds">Pause of every replica when the layout changes, KV kept and moved.</param>
/// <param name="PrecisionFixedSeconds">Pause when precision changes, beside loading the weights.</param>
/// <param name="WeightLoadBytesPerSecond">Bandwidth at which a GPU loads weights from host memory; 0 when both sets stay resident and nothing is loaded.</param>
/// <param name="KvConversionSeconds">Pause when the KV cache changes format, beside rewriting what is cached.</param>
/// <param name="KvConversionBytesPerSecond">Bandwidth at which cached KV is rewritten on a GPU.</param>
public sealed record SwitchingSpec(
    double LayoutSeconds,
    double PrecisionFixedSeconds,
    double WeightLoadBytesPerSecond,
    double KvConversionSeconds,
    double KvConversionBytesPerSecond);
