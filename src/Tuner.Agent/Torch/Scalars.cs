using TorchSharp;

namespace Tuner.Agent.Torch;

/// <summary>Numbers handed to libtorch, kept alive while it reads them.</summary>
/// <remarks>
/// TorchSharp 0.107 passes a scalar's native handle and lets go of the object: a garbage collection during the call may
/// finalize it, and libtorch then reads freed memory ("Unknown scalar type"). The last few thousand are kept per thread,
/// far more than one call needs.
/// </remarks>
internal static class Scalars
{
    private const int Kept = 4096;

    [ThreadStatic]
    private static Scalar[]? recent;

    [ThreadStatic]
    private static int next;

    /// <summary>The number as libtorch takes it.</summary>
    public static Scalar Of(double value)
    {
        Scalar scalar = value;
        Scalar[] ring = recent ??= new Scalar[Kept];
        ring[next] = scalar;
        next = (next + 1) % Kept;
        return scalar;
    }
}
