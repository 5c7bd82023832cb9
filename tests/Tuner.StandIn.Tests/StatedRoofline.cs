using System.Globalization;
using System.Runtime.InteropServices;

namespace Tuner.StandIn.Tests;

/// <summary>
/// The times the stand-in's events tell: a roofline written down here. It proves the calibrator's plumbing (what it times, keeps, refuses and
/// fits), since a fit to a known roofline must find that roofline. It says nothing about any GPU and no profile made with it is kept.
/// </summary>
internal static class StatedRoofline
{
    public const double Bf16FlopsPerSecond = 600e12;
    public const double Fp8FlopsPerSecond = 1100e12;
    public const double MemoryBytesPerSecond = 4e12;
    public const double LinkBytesPerSecond = 50e9;
    public const double FloorSeconds = 2e-6;
    public const double CopySeconds = 1.5e-6;

    /// <summary>The library's times over those of a kernel of the smallest tile.</summary>
    public const double LibraryBf16 = 0.85;
    public const double LibraryFp8 = 1.3;

    private static readonly string[] RowTileFirst = ["_16x", "_64x", "_128x"];

    public static double Of(nint kernel, uint gridX, uint gridY, uint gridZ, nuint bytes, nint arguments)
    {
        string name = Marshal.PtrToStringUTF8(kernel)!;
        if (name is "copy_h2d" or "copy_d2h")
            return CopySeconds + (bytes / LinkBytesPerSecond);
        if (name is "copy_d2d" or "fill")
            return CopySeconds + (2.0 * bytes / MemoryBytesPerSecond);
        if (name.StartsWith("cublaslt", StringComparison.Ordinal))
            return Library(name.EndsWith("fp8", StringComparison.Ordinal), gridX, gridY, gridZ);
        if (name.StartsWith("gem", StringComparison.Ordinal))
            return Product(name, arguments);
        if (name.StartsWith("attention_decode", StringComparison.Ordinal))
        {
            double element = name.EndsWith("fp8", StringComparison.Ordinal) ? 1 : 2;
            return FloorSeconds + (2.0 * Int(arguments, 11) * gridZ * Int(arguments, 12) * 16 * HeadDim(name) * element / MemoryBytesPerSecond);
        }

        if (name.StartsWith("attention_prefill", StringComparison.Ordinal))
        {
            double tile = int.Parse(name.Split('_')[3], CultureInfo.InvariantCulture);
            return FloorSeconds + (2.0 * gridY * HeadDim(name) * gridZ * Math.Pow(gridX * tile, 2) / Bf16FlopsPerSecond);
        }

        return 1e-6;
    }

    /// <summary>A library that is quicker than the kernels in bf16 and slower in FP8, so that the profile has to choose.</summary>
    private static double Library(bool fp8, double rows, double outputs, double inputs)
    {
        double arithmetic = 2 * Math.Ceiling(rows / 16) * 16 * outputs * inputs / (fp8 ? Fp8FlopsPerSecond : Bf16FlopsPerSecond);
        double memory = ((outputs * inputs * (fp8 ? 1 : 2)) + (2 * rows * (inputs + outputs))) / MemoryBytesPerSecond;
        return (fp8 ? LibraryFp8 : LibraryBf16) * (FloorSeconds + Math.Sqrt((arithmetic * arithmetic) + (memory * memory)));
    }

    private static double Product(string name, nint arguments)
    {
        (double rows, double outputs, double inputs) = name.StartsWith("gemv", StringComparison.Ordinal)
            ? (Int(arguments, 5), Int(arguments, 6), Int(arguments, 7))
            : (Int(arguments, 7), Int(arguments, 8), Int(arguments, 9));
        bool fp8 = name.Contains("fp8", StringComparison.Ordinal);
        double bytes = name.Contains("nvfp4", StringComparison.Ordinal) ? 0.5625 : name.Contains("int4", StringComparison.Ordinal) ? 0.515625 : fp8 ? 1 : 2;

        // Larger tiles are quicker on large shapes, so that something has to be chosen.
        double padded = Math.Ceiling(rows / 16) * 16;
        double tile = 1 - (0.05 * Array.FindIndex(RowTileFirst, part => name.Contains(part, StringComparison.Ordinal)));
        double arithmetic = 2 * padded * outputs * inputs * tile / (fp8 ? Fp8FlopsPerSecond : Bf16FlopsPerSecond);
        double memory = ((outputs * inputs * bytes) + (2 * rows * (inputs + outputs))) / MemoryBytesPerSecond;
        return FloorSeconds + Math.Sqrt((arithmetic * arithmetic) + (memory * memory));
    }

    private static double HeadDim(string name) => int.Parse(name.Split('_')[2], CultureInfo.InvariantCulture);

    private static int Int(nint arguments, int index) => Marshal.ReadInt32(Marshal.ReadIntPtr(arguments, index * nint.Size));
}
