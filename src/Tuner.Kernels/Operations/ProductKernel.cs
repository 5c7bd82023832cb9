using Tuner.Env.Costs;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Operations;

/// <summary>Launches of one matrix product kernel: <c>gemm_mma.cu</c>, <c>gemm_wgmma.cu</c> or <c>gemm_w4.cu</c>.</summary>
public sealed class ProductKernel(KernelSpec kernel)
{
    /// <summary>More parts than this cost more to add than they save.</summary>
    private const int MostSplits = 32;

    /// <summary>Tiles along k below which a part is mostly start and end.</summary>
    private const int FewestTilesOfSplit = 4;

    /// <summary>Shared memory of a multiprocessor that blocks divide among them, bytes: 227 KiB on compute capability 9.0 (CUDA C++ programming guide).</summary>
    private const int SharedBytesOfMultiprocessor = 227 * 1024;

    private const int TileElements16 = KernelCatalog.TileBytes / sizeof(ushort);

    /// <summary>The kernel.</summary>
    public KernelSpec Kernel => kernel;

    /// <summary>Whether weights are four bits wide.</summary>
    public bool IsFourBit => kernel.Source == "gemm_w4.cu";

    /// <summary>Whether operands are FP8.</summary>
    public bool IsFp8 => !IsFourBit && kernel["FP8"] == 1;

    /// <summary>Rows of y a block computes.</summary>
    public int RowTile => kernel["ROW_TILE"];

    /// <summary>The operands' format.</summary>
    public KernelPrecision Precision => IsFourBit
        ? (kernel["NVFP4"] == 1 ? KernelPrecision.NvFp4 : KernelPrecision.Int4WeightOnly)
        : (IsFp8 ? KernelPrecision.Fp8 : KernelPrecision.Bf16);

    /// <summary>Tiles of y.</summary>
    public int Tiles(ProductShape shape) => Ceiling(shape.Rows, RowTile) * Ceiling(shape.Outputs, kernel["COLUMN_TILE"]);

    /// <summary>Parts k is split into, so that all multiprocessors have work where y has few tiles.</summary>
    public int SplitsFor(ProductShape shape, int multiprocessors)
    {
        int tilesAlongK = Ceiling(shape.Inputs, IsFp8 ? KernelCatalog.TileBytes : TileElements16);
        int resident = Math.Max(1, SharedBytesOfMultiprocessor / (kernel.SharedBytes + 1024));
        int wanted = multiprocessors * resident / Tiles(shape);
        return Math.Clamp(wanted, 1, Math.Clamp(tilesAlongK / FewestTilesOfSplit, 1, MostSplits));
    }

    /// <summary>Whether the kernel takes a shape: rows of operands in whole copies of 16 bytes, four-bit weights in whole tiles and groups.</summary>
    public bool Takes(ProductShape shape) => IsFourBit
        ? shape.Inputs % Math.Max(TileElements16, kernel["GROUP"]) == 0
        : shape.Inputs % (IsFp8 ? 16 : 8) == 0;

    /// <summary>Launches.</summary>
    /// <param name="shelf">The GPU's kernels.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="x">[rows, inputs], bf16 or e4m3.</param>
    /// <param name="w">[outputs, inputs] in the kernel's format.</param>
    /// <param name="scales">FP8: what each row of x was divided by, or null. Four bits: a scale a group, [outputs, inputs / group].</param>
    /// <param name="y">Receives [rows, outputs], bf16.</param>
    /// <param name="work">Room for parts; needed when <paramref name="splits"/> is above 1.</param>
    /// <param name="scale">What all weights were divided by.</param>
    /// <param name="splits">Parts of k.</param>
    /// <exception cref="ArgumentException">The kernel does not take the shape.</exception>
    public void Launch(KernelShelf shelf, CudaStream stream, ProductShape shape, CudaMemory x, KernelArgument w, KernelArgument scales, CudaMemory y, SplitWorkspace work, float scale, int splits)
    {
        if (!Takes(shape))
            throw new ArgumentException($"{kernel.Entry} does not take {shape}: inputs must fill whole copies and groups.", nameof(shape));
        (KernelArgument parts, KernelArgument counters) = work.For(splits, (long)splits * shape.Rows * shape.Outputs, Tiles(shape));
        var launch = new LaunchShape((uint)Tiles(shape), (uint)kernel.Threads, (uint)splits, SharedBytes: (uint)kernel.SharedBytes);
        CudaFunction function = shelf[kernel];
        (KernelArgument rows, KernelArgument outputs, KernelArgument inputs, KernelArgument count) = (KernelArgument.Of(shape.Rows), KernelArgument.Of(shape.Outputs), KernelArgument.Of(shape.Inputs), KernelArgument.Of(splits));
        if (IsFourBit)
            function.Launch(launch, stream, KernelArgument.Of(x), w, scales, KernelArgument.Of(y), parts, counters, KernelArgument.Of(scale), rows, outputs, inputs, count);
        else
            function.Launch(launch, stream, KernelArgument.Of(x), w, KernelArgument.Of(y), parts, counters, scales, KernelArgument.Of(scale), rows, outputs, inputs, count);
    }

    private static int Ceiling(int value, int step) => (value + step - 1) / step;
}
