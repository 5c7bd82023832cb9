namespace Tuner.Env.Traffic;

/// <summary>A file of <c>configs/traffic</c>: one family of requests or a mix of families, under a rate curve.</summary>
internal sealed record TrafficPreset
{
    public required string Description { get; init; }

    public required string Source { get; init; }

    public required string Licence { get; init; }

    /// <summary>Length of the traffic where none is asked for.</summary>
    public required double Seconds { get; init; }

    /// <summary>Mean requests a second over a whole cycle of the rate curve, bursts included.</summary>
    public required double Rate { get; init; }

    public required RateCurve RateCurve { get; init; }

    public BurstSpec? Bursts { get; init; }

    public FamilySpec? Family { get; init; }

    public MixSpec? Mix { get; init; }

    public required PresetTargets Targets { get; init; }
}
