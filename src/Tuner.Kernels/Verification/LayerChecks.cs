using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Operations;
using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Verification;

/// <summary>The small kernels against their definitions.</summary>
internal sealed class LayerChecks(Bench bench, VerificationScale scale)
{
    /// <summary>Arithmetic is 32-bit, one rounding at the end.</summary>
    private const double Tolerance = 1e-3;

    /// <summary>Products of roundings may fall on either side of a tie: so many bytes in a thousand may be one step off.</summary>
    private const double TiesAllowed = 1e-3;

    private const float Epsilon = 1e-5f;

    private readonly LayerKernels layer = new(bench.Shelf);

    public CheckOutcome Quantise(KernelSpec kernel)
    {
        (int rows, int width) = (bench.Size(scale.Rows), 8 * bench.Size(scale.Columns / 8));
        float[] x = bench.Numbers(rows * width);
        x.AsSpan(0, width).Clear();
        CudaMemory y = bench.Room(x.Length);
        CudaMemory scales = bench.Room((long)rows * sizeof(float));
        layer.Quantise(bench.Stream, kernel, KernelArgument.Of(bench.PutBf16(x)), KernelArgument.Of(y), KernelArgument.Of(scales), rows, width);
        byte[] got = bench.Get<byte>(y, x.Length);
        float[] gotScales = bench.Get<float>(scales, rows);
        var expected = new byte[x.Length];
        int off = 0;
        for (int row = 0; row < rows; row++)
        {
            float expectedScale = E4m3.Compress(x.AsSpan(row * width, width), expected.AsSpan(row * width, width));
            if (MathF.Abs(gotScales[row] - expectedScale) > 1e-6f * expectedScale)
                off += width;
        }

        for (int i = 0; i < x.Length; i++)
            off += got[i] == expected[i] ? 0 : Math.Abs(got[i] - expected[i]) == 1 ? 1 : x.Length;
        return new CheckOutcome(kernel.Entry, $"{rows} × {width}", (double)off / x.Length, TiesAllowed, 0);
    }

    public CheckOutcome Restore()
    {
        (int rows, int width) = (bench.Size(scale.Rows), 8 * bench.Size(scale.Columns / 8));
        var x = new byte[rows * width];
        float[] scales = bench.Numbers(rows);
        for (int i = 0; i < x.Length; i++)
            x[i] = (byte)((bench.Between(0, 1) << 7) | bench.Between(0, 0x7e));
        CudaMemory y = bench.Room((long)x.Length * sizeof(ushort));
        layer.Restore(bench.Stream, KernelArgument.Of(bench.Put<byte>(x)), KernelArgument.Of(bench.Put<float>(scales)), KernelArgument.Of(y), rows, width);
        ushort[] expected = [.. x.Select((bits, i) => Bf16.Bits(E4m3.Value(bits) * scales[i / width]))];
        return Comparison.Exact<ushort>(KernelCatalog.DecompressKv.Entry, $"{rows} × {width}", expected, bench.Get<ushort>(y, x.Length));
    }

    public IEnumerable<CheckOutcome> RmsNorm()
    {
        (int rows, int width) = (bench.Size(scale.Rows), 8 * bench.Size(scale.Columns / 8));
        float[] x = bench.Numbers(rows * width), residual = bench.Numbers(rows * width), gain = bench.Numbers(width);
        CudaMemory sum = bench.PutBf16(residual);
        CudaMemory y = bench.Room((long)x.Length * sizeof(ushort));
        layer.RmsNorm(bench.Stream, KernelArgument.Of(bench.PutBf16(x)), KernelArgument.Of(sum), KernelArgument.Of(bench.PutBf16(gain)), KernelArgument.Of(y), rows, width, Epsilon);
        float[] added = [.. x.Zip(residual, (a, b) => Bf16.Round(a + b))];
        var reference = new double[x.Length];
        for (int row = 0; row < rows; row++)
        {
            double squares = 0;
            for (int i = 0; i < width; i++)
                squares += (double)added[(row * width) + i] * added[(row * width) + i];
            double factor = 1 / Math.Sqrt((squares / width) + Epsilon);
            for (int i = 0; i < width; i++)
                reference[(row * width) + i] = added[(row * width) + i] * factor * gain[i];
        }

        string shape = $"{rows} × {width}";
        yield return Comparison.Of(KernelCatalog.RmsNorm.Entry, shape, reference, bench.GetBf16(y, x.Length), Tolerance);
        yield return Comparison.Exact<float>(KernelCatalog.RmsNorm.Entry, shape + ", residual", added, bench.GetBf16(sum, x.Length));
    }

    public CheckOutcome Rope()
    {
        const int positionsKnown = 64;
        (int rows, int heads, int dim) = (bench.Size(scale.Rows), bench.Between(1, 8), 2 * bench.Between(1, 64));
        float[] x = bench.Numbers(rows * heads * dim);
        int[] positions = [.. Enumerable.Range(0, rows).Select(_ => bench.Between(0, positionsKnown - 1))];
        var table = new float[positionsKnown * dim];
        for (int i = 0; i < table.Length / 2; i++)
        {
            double angle = i / (dim / 2) * Math.Pow(10_000, -2.0 * (i % (dim / 2)) / dim);
            (table[2 * i], table[(2 * i) + 1]) = ((float)Math.Cos(angle), (float)Math.Sin(angle));
        }

        CudaMemory y = bench.PutBf16(x);
        layer.Rope(bench.Stream, KernelArgument.Of(y), KernelArgument.Of(bench.Put<int>(positions)), KernelArgument.Of(bench.Put<float>(table)), rows, heads, dim);
        var reference = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            int within = i % dim, half = dim / 2, pair = within % half;
            int angle = (positions[i / (heads * dim)] * dim) + (2 * pair);
            (double cosine, double sine) = (table[angle], table[angle + 1]);
            reference[i] = within < half ? (x[i] * cosine) - (x[i + half] * sine) : (x[i] * cosine) + (x[i - half] * sine);
        }

        return Comparison.Of(KernelCatalog.Rope.Entry, $"{rows} × {heads} × {dim}", reference, bench.GetBf16(y, x.Length), Tolerance);
    }

    public CheckOutcome SwiGlu()
    {
        (int rows, int width) = (bench.Size(scale.Rows), 8 * bench.Size(scale.Columns / 8));
        float[] x = bench.Numbers(2 * rows * width, 4);
        CudaMemory y = bench.Room((long)rows * width * sizeof(ushort));
        layer.SwiGlu(bench.Stream, KernelArgument.Of(bench.PutBf16(x)), KernelArgument.Of(y), rows, width);
        var reference = new double[rows * width];
        for (int i = 0; i < reference.Length; i++)
        {
            double gate = x[(i / width * 2 * width) + (i % width)];
            reference[i] = gate / (1 + Math.Exp(-gate)) * x[(((i / width * 2) + 1) * width) + (i % width)];
        }

        return Comparison.Of(KernelCatalog.SwiGlu.Entry, $"{rows} × {width}", reference, bench.GetBf16(y, reference.Length), Tolerance);
    }

    /// <summary>Blocks from pinned host memory to the GPU and on to other places of it.</summary>
    public CheckOutcome Gather()
    {
        int blocks = bench.Between(2, 24);
        int bytes = 16 * bench.Size(scale.Columns * 8);
        int[] from = bench.Shuffled(blocks), to = bench.Shuffled(blocks);
        using PinnedMemory host = bench.Device.AllocateHost((long)blocks * bytes);
        Span<byte> source = host.Span<byte>();
        for (int i = 0; i < source.Length; i++)
            source[i] = (byte)((i * 31) + (i >> 8));
        CudaMemory near = bench.Room(host.Bytes), target = bench.Room(host.Bytes);
        (KernelArgument here, KernelArgument there) = (KernelArgument.Of(bench.Put<int>(from)), KernelArgument.Of(bench.Put<int>(to)));
        layer.Gather(bench.Stream, KernelArgument.Of(host), KernelArgument.Of(near), here, there, blocks, bytes);
        layer.Gather(bench.Stream, KernelArgument.Of(near), KernelArgument.Of(target), there, here, blocks, bytes);
        byte[] result = bench.Get<byte>(target, source.Length);
        return Comparison.Exact<byte>(KernelCatalog.GatherBlocks.Entry, $"{blocks} blocks of {bytes} bytes", host.Span<byte>(), result);
    }
}
