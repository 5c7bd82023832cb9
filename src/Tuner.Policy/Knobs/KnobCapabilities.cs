namespace Tuner.Policy.Knobs;

/// <summary>What an engine can turn, knob by knob. The default value can turn nothing.</summary>
public readonly record struct KnobCapabilities
{
    private readonly uint bits;

    private KnobCapabilities(uint bits) => this.bits = bits;

    /// <summary>Every knob can be turned live.</summary>
    public static KnobCapabilities AllLive { get; } = Enum.GetValues<Knob>().Aggregate(default(KnobCapabilities), (all, knob) => all.With(knob, KnobCapability.Live));

    /// <summary>What it takes to turn a knob.</summary>
    public KnobCapability this[Knob knob] => (KnobCapability)(bits >> ((int)knob * 2) & 3);

    /// <summary>These capabilities with one knob's replaced.</summary>
    public KnobCapabilities With(Knob knob, KnobCapability capability)
        => new((bits & ~(3u << ((int)knob * 2))) | ((uint)capability << ((int)knob * 2)));
}
