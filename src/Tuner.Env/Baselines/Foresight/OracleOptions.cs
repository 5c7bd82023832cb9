using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines.Foresight;

/// <summary>What the oracle may choose from, and how hard it looks.</summary>
public sealed record OracleOptions
{
    /// <summary>Settings tried at every step; at least one, the first within the quality budget.</summary>
    public required IReadOnlyList<KnobSettings> Candidates { get; init; }

    /// <summary>Time between decisions, seconds; whole windows.</summary>
    public double StepSeconds { get; init; } = 30;

    /// <summary>How long each try is held beyond its step before it is judged, seconds.</summary>
    public double TailSeconds { get; init; } = 30;

    /// <summary>Plans kept at each step.</summary>
    public int Width { get; init; } = 3;

    /// <summary>Broken promises a request still waiting when a try is judged stands for.</summary>
    public double WaitingPrice { get; init; } = 0.5;

    /// <summary>Most prices of quality tried for one load.</summary>
    public int Prices { get; init; } = 5;

    /// <summary>Least time between two changes of layout, seconds, as for every policy.</summary>
    public double LayoutCooldownSeconds { get; init; } = 60;
}
