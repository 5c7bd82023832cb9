using Tuner.Env.Costs;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Libraries;
using Tuner.Kernels.Operations;
using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Verification;

/// <summary>Matrix products against sums in double precision over the very numbers the kernel gets.</summary>
internal sealed class ProductChecks(Bench bench, VerificationScale scale)
{
    /// <summary>32-bit sums over bf16, exact products: what is left is the order of the sum.</summary>
    public const double Bf16Tolerance = 1e-3;

    /// <summary>Hopper's tensor cores keep some 14 bits of a partial sum of FP8 products (DeepSeek-V3, arXiv:2412.19437, section 3.3.2).</summary>
    public const double Fp8Tolerance = 2e-2;

    /// <summary>Elements compared of a large result.</summary>
    private const int Sample = 4096;

    public CheckOutcome Check(ProductKernel product)
    {
        int step = product.IsFourBit ? Math.Max(64, product.Kernel["GROUP"]) : product.IsFp8 ? 16 : 8;
        var shape = new ProductShape(bench.Size(scale.Rows), bench.Size(scale.Columns), step * bench.Between(1, Math.Max(1, scale.Inputs / step)));

        // Any number of parts must do, not only the one calibration would choose.
        int splits = bench.Between(1, 3);
        float[] x = bench.Numbers(shape.Rows * shape.Inputs);
        float[] w = bench.Numbers(shape.Outputs * shape.Inputs, 0.05f);
        CudaMemory y = bench.Room((long)shape.Rows * shape.Outputs * sizeof(ushort));
        string what = $"{shape}, {splits} parts";
        if (product.IsFourBit)
        {
            FourBitWeights packed = FourBitWeights.From(w, shape.Inputs, product.Precision, product.Kernel["GROUP"]);
            product.Launch(bench.Shelf, bench.Stream, shape, bench.PutBf16(x), KernelArgument.Of(bench.Put<uint>(packed.Packed)), KernelArgument.Of(bench.Put<byte>(packed.Scales)), y, bench.Work, packed.TensorScale, splits);
            return Compare(product.Kernel.Entry, what, shape, y, x, packed.Values, _ => packed.TensorScale, Bf16Tolerance);
        }

        if (!product.IsFp8)
        {
            product.Launch(bench.Shelf, bench.Stream, shape, bench.PutBf16(x), KernelArgument.Of(bench.PutBf16(w)), KernelArgument.Null, y, bench.Work, 1, splits);
            return Compare(product.Kernel.Entry, what, shape, y, x, w, _ => 1, Bf16Tolerance);
        }

        (byte[] quantisedX, float[] scales) = Quantise(x, shape.Rows, shape.Inputs);
        var quantisedW = new byte[w.Length];
        float weightScale = E4m3.Compress(w, quantisedW);
        product.Launch(bench.Shelf, bench.Stream, shape, bench.Put<byte>(quantisedX), KernelArgument.Of(bench.Put<byte>(quantisedW)), KernelArgument.Of(bench.Put<float>(scales)), y, bench.Work, weightScale, splits);
        return Compare(product.Kernel.Entry, what, shape, y, Values(quantisedX), Values(quantisedW), row => (double)scales[row] * weightScale, Fp8Tolerance);
    }

    public CheckOutcome Check(VectorKernel vector)
    {
        int group = Math.Max(32, vector.Kernel["GROUP"]);
        var shape = new ProductShape(bench.Between(1, vector.Kernel["ROWS"]), bench.Size(scale.Columns), group * bench.Between(1, Math.Max(1, scale.Inputs / group)));
        float[] x = bench.Numbers(shape.Rows * shape.Inputs);
        KernelPrecision precision = vector.Kernel["NVFP4"] == 1 ? KernelPrecision.NvFp4 : KernelPrecision.Int4WeightOnly;
        FourBitWeights packed = FourBitWeights.From(bench.Numbers(shape.Outputs * shape.Inputs, 0.05f), shape.Inputs, precision, vector.Kernel["GROUP"]);
        CudaMemory y = bench.Room((long)shape.Rows * shape.Outputs * sizeof(ushort));
        vector.Launch(bench.Shelf, bench.Stream, shape, bench.PutBf16(x), KernelArgument.Of(bench.Put<uint>(packed.Packed)), KernelArgument.Of(bench.Put<byte>(packed.Scales)), y, packed.TensorScale);
        return Compare(vector.Kernel.Entry, shape.ToString(), shape, y, x, packed.Values, _ => packed.TensorScale, Bf16Tolerance);
    }

    /// <summary>The vendor's library on a random shape, of whole 16 outputs and inputs as FP8 asks; a scale for each FP8 operand.</summary>
    public CheckOutcome Check(CublasLt library, KernelPrecision precision)
    {
        var shape = new ProductShape(bench.Size(scale.Rows), 16 * bench.Between(1, Math.Max(1, scale.Columns / 16)), 16 * bench.Between(1, Math.Max(1, scale.Inputs / 16)));
        string name = $"{library.Version} {precision}";
        using CublasLtProduct? product = library.Plan(shape, precision);
        if (product is null)
            return new CheckOutcome(name, shape.ToString(), 0, 0, 0, $"the library has no algorithm for {shape}");
        float[] x = bench.Numbers(shape.Rows * shape.Inputs);
        float[] w = bench.Numbers(shape.Outputs * shape.Inputs, 0.05f);
        CudaMemory y = bench.Room((long)shape.Rows * shape.Outputs * sizeof(ushort));
        if (precision == KernelPrecision.Bf16)
        {
            product.Launch(bench.Stream, KernelArgument.Of(bench.PutBf16(x)), KernelArgument.Of(bench.PutBf16(w)), y);
            return Compare(name, shape.ToString(), shape, y, x, w, _ => 1, Bf16Tolerance);
        }

        (byte[] quantisedX, float[] xScale) = Quantise(x, 1, x.Length);
        (byte[] quantisedW, float[] wScale) = Quantise(w, 1, w.Length);
        library.Scale(wScale[0], xScale[0]);
        product.Launch(bench.Stream, KernelArgument.Of(bench.Put<byte>(quantisedX)), KernelArgument.Of(bench.Put<byte>(quantisedW)), y);
        return Compare(name, shape.ToString(), shape, y, Values(quantisedX), Values(quantisedW), _ => (double)xScale[0] * wScale[0], Fp8Tolerance);
    }

    private CheckOutcome Compare(string kernel, string what, ProductShape shape, CudaMemory y, float[] x, float[] w, Func<int, double> factor, double tolerance)
    {
        float[] all = bench.GetBf16(y, shape.Rows * shape.Outputs);
        int[] places = all.Length <= 16 * Sample ? [.. Enumerable.Range(0, all.Length)] : [.. Enumerable.Range(0, Sample).Select(_ => bench.Between(0, all.Length - 1))];
        var reference = new double[places.Length];
        var result = new float[places.Length];
        Parallel.For(0, places.Length, i =>
        {
            (int row, int column) = Math.DivRem(places[i], shape.Outputs);
            ReadOnlySpan<float> a = x.AsSpan(row * shape.Inputs, shape.Inputs), b = w.AsSpan(column * shape.Inputs, shape.Inputs);
            double sum = 0;
            for (int k = 0; k < a.Length; k++)
                sum += (double)a[k] * b[k];
            reference[i] = sum * factor(row);
            result[i] = all[places[i]];
        });
        return Comparison.Of(kernel, what, reference, result, tolerance);
    }

    private static (byte[] Quantised, float[] Scales) Quantise(float[] x, int rows, int width)
    {
        var quantised = new byte[x.Length];
        var scales = new float[rows];
        for (int row = 0; row < rows; row++)
            scales[row] = E4m3.Compress(x.AsSpan(row * width, width), quantised.AsSpan(row * width, width));
        return (quantised, scales);
    }

    private static float[] Values(byte[] quantised) => Array.ConvertAll(quantised, E4m3.Value);
}
