using System.Globalization;
using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Compilation;

/// <summary>The compute capability a kernel is written for.</summary>
/// <param name="Major">Before the point.</param>
/// <param name="Minor">After the point.</param>
/// <param name="Exact">Whether it uses what only that very architecture has (NVIDIA's suffix <c>a</c>).</param>
public readonly record struct ComputeTarget(int Major, int Minor, bool Exact = false)
{
    /// <summary>As a number: 90 is 9.0.</summary>
    public int Number => (10 * Major) + Minor;

    /// <summary>Whether a GPU runs it: the same capability, or a later one unless exact.</summary>
    public bool RunsOn(CudaDeviceSpec device)
    {
        int number = (10 * device.ComputeMajor) + device.ComputeMinor;
        return Exact ? number == Number : number >= Number;
    }

    /// <summary>What it asks for, for a person.</summary>
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"compute capability {Major}.{Minor}{(Exact ? " and no other" : " or newer")}");

    /// <summary>As the compiler takes it, such as <c>compute_90a</c>.</summary>
    internal string Option(string prefix) => string.Create(CultureInfo.InvariantCulture, $"{prefix}_{Number}{(Exact ? "a" : "")}");
}
