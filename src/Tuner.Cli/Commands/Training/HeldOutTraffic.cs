using Tuner.Env.Traffic;

namespace Tuner.Cli.Commands.Training;

/// <summary>Traffic kept from training, to choose by.</summary>
/// <param name="Trace">The trace.</param>
/// <param name="Weight">How much it counts, against the others; above 0.</param>
/// <param name="Carried">About the multiple of its rate that a fixed setting sustains.</param>
/// <param name="Kind">How it relates to what was trained on.</param>
internal sealed record HeldOutTraffic(TrafficTrace Trace, double Weight, double Carried, HeldOutKind Kind)
{
    /// <summary>Whether training met the like of it.</summary>
    public bool Met => Kind != HeldOutKind.Strange;
}
