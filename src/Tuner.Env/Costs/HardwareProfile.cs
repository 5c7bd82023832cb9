namespace Tuner.Env.Costs;

/// <summary>A kind of GPU and what its kernels achieve: what calibration writes and the cost model reads.</summary>
public sealed record HardwareProfile
{
    /// <summary>The GPU's name, such as <c>h200</c>.</summary>
    public required string Name { get; init; }
}
