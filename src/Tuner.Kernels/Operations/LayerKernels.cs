using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Operations;

/// <summary>Launches of the small kernels: conversions of rows, norm, rotary embedding, gated activation, and copies of cache blocks.</summary>
/// <remarks>Widths are multiples of 8 elements, blocks multiples of 16 bytes.</remarks>
public sealed class LayerKernels(KernelShelf shelf)
{
    /// <summary>Bytes of a cache block one thread block copies: more of them share a large one.</summary>
    private const int GatherPiece = 64 * 1024;

    private const int Vector = 8;

    /// <summary>bf16 rows to e4m3 with a scale each; a warp or a block of threads takes a row.</summary>
    public void Quantise(CudaStream stream, KernelSpec kernel, KernelArgument x, KernelArgument y, KernelArgument scales, int rows, int width)
        => Rows(stream, kernel, rows, width, x, y, scales);

    /// <summary>e4m3 rows with their scales to bf16.</summary>
    public void Restore(CudaStream stream, KernelArgument x, KernelArgument scales, KernelArgument y, int rows, int width)
        => Rows(stream, KernelCatalog.DecompressKv, rows, width, x, scales, y);

    /// <summary>residual += x, y = norm of residual times gain.</summary>
    public void RmsNorm(CudaStream stream, KernelArgument x, KernelArgument residual, KernelArgument gain, KernelArgument y, int rows, int width, float epsilon)
        => shelf[KernelCatalog.RmsNorm].Launch(Shape(KernelCatalog.RmsNorm, rows), stream, x, residual, gain, y, KernelArgument.Of(Whole(width)), KernelArgument.Of(epsilon));

    /// <summary>Rotates the heads of each row in place.</summary>
    public void Rope(CudaStream stream, KernelArgument x, KernelArgument positions, KernelArgument table, int rows, int heads, int headDim)
        => shelf[KernelCatalog.Rope].Launch(Shape(KernelCatalog.Rope, rows), stream, x, positions, table, KernelArgument.Of(heads), KernelArgument.Of(headDim));

    /// <summary>y[rows, width] = silu(gate) · up of x[rows, 2, width].</summary>
    public void SwiGlu(CudaStream stream, KernelArgument x, KernelArgument y, int rows, int width)
    {
        KernelSpec kernel = KernelCatalog.SwiGlu;
        int across = Math.Max(1, (width + (Vector * kernel.Threads) - 1) / (Vector * kernel.Threads));
        shelf[kernel].Launch(new LaunchShape((uint)rows, (uint)kernel.Threads, (uint)across), stream, x, y, KernelArgument.Of(Whole(width)));
    }

    /// <summary>Copies blocks from[i] of one pool to to[i] of another; either may be pinned host memory.</summary>
    public void Gather(CudaStream stream, KernelArgument source, KernelArgument target, KernelArgument from, KernelArgument to, int blocks, long blockBytes)
    {
        if (blockBytes % 16 != 0)
            throw new ArgumentException($"Blocks of {blockBytes} bytes; expected a multiple of 16.", nameof(blockBytes));
        KernelSpec kernel = KernelCatalog.GatherBlocks;
        uint share = (uint)Math.Clamp(blockBytes / GatherPiece, 1, 1024);
        shelf[kernel].Launch(new LaunchShape((uint)blocks, (uint)kernel.Threads, share), stream, source, target, from, to, KernelArgument.Of(blockBytes));
    }

    private void Rows(CudaStream stream, KernelSpec kernel, int rows, int width, KernelArgument a, KernelArgument b, KernelArgument c)
    {
        int each = kernel.Threads / kernel["ROW_THREADS"];
        shelf[kernel].Launch(Shape(kernel, (rows + each - 1) / each), stream, a, b, c, KernelArgument.Of(rows), KernelArgument.Of(Whole(width)));
    }

    private static LaunchShape Shape(KernelSpec kernel, int blocks) => new((uint)blocks, (uint)kernel.Threads);

    private static int Whole(int width)
        => width % Vector == 0 ? width : throw new ArgumentException($"Rows of {width} elements; expected a multiple of {Vector}.", nameof(width));
}
