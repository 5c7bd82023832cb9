namespace Tuner.Policy.Safety;

/// <summary>How much Tuner may do, least first.</summary>
public enum TunerMode
{
    /// <summary>Decides and writes down what it would have done; the default.</summary>
    Shadow,

    /// <summary>As shadow, and recommends its decision in <c>TunerStatus.Recommended</c> and in the log.</summary>
    Advisory,

    /// <summary>Acts on live knobs only, one at a time; a change is taken back unless service stays as good as before it.</summary>
    Canary,

    /// <summary>Acts on every knob the engine can turn.</summary>
    Active,
}
