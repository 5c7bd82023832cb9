using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Samples;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Operations;

namespace Tuner.Kernels.Calibration.Gpu;

/// <summary>Matrix products: each shape by the kernel that is quickest on it, weights rotating through more than the cache holds.</summary>
internal sealed class GpuProducts(GpuSession session, GpuGrid grid)
{
    /// <summary>Formats measured, with the bytes a weight takes, block scales included.</summary>
    public static readonly (KernelPrecision Precision, string Name, double BytesPerWeight)[] Formats =
    [
        (KernelPrecision.Bf16, "bf16", 2),
        (KernelPrecision.Fp8, "fp8", 1),
        (KernelPrecision.NvFp4, "nvfp4", 0.5 + (1.0 / KernelCatalog.NvFp4Group)),
        (KernelPrecision.Int4WeightOnly, "int4", 0.5 + (2.0 / KernelCatalog.Int4Group)),
    ];

    public static int Points(GpuGrid grid) => Formats.Length * grid.Rows.Count * grid.Outputs.Count * grid.Inputs.Count;

    public static string Key(string format, int rows, int outputs, int inputs) => FormattableString.Invariant($"gemm/{format}/{rows}/{outputs}/{inputs}");

    public void Run()
    {
        long widest = (long)grid.Rows.Max() * Math.Max(grid.Outputs.Max(), grid.Inputs.Max()) * sizeof(ushort);
        using CudaMemory x = session.Device.Allocate(widest);
        using CudaMemory quantised = session.Device.Allocate(widest / sizeof(ushort));
        using CudaMemory y = session.Device.Allocate(widest);
        using CudaMemory rowScales = session.Device.Allocate((long)grid.Rows.Max() * sizeof(float));
        foreach (CudaMemory memory in (CudaMemory[])[x, quantised, y, rowScales])
            memory.Fill(0x3c, session.Stream);
        GpuLibraryProducts? library = GpuLibraryProducts.Of(session);
        foreach ((KernelPrecision precision, string name, double bytesPerWeight) in Formats)
        {
            foreach (int outputs in grid.Outputs)
            {
                foreach (int inputs in grid.Inputs)
                {
                    foreach (int rows in grid.Rows)
                    {
                        var shape = new ProductShape(rows, outputs, inputs);
                        Measure(shape, precision, name, bytesPerWeight, x, quantised, rowScales, y);
                        library?.Measure(shape, precision, name, x, quantised, rowScales, y);
                    }
                }
            }
        }
    }

    /// <summary>What was measured, out of a journal; refused points are left out.</summary>
    public static IEnumerable<GemmSample> Samples(GpuGrid grid, IReadOnlyDictionary<string, GpuPoint> points)
    {
        foreach ((KernelPrecision precision, string name, _) in Formats)
        {
            foreach (int outputs in grid.Outputs)
            {
                foreach (int inputs in grid.Inputs)
                {
                    foreach (int rows in grid.Rows)
                    {
                        if (points.TryGetValue(Key(name, rows, outputs, inputs), out GpuPoint? point) && point.Refused is null)
                            yield return new GemmSample(precision, rows, outputs, inputs, point.Seconds, null, point.Spread);
                    }
                }
            }
        }
    }

    private void Measure(ProductShape shape, KernelPrecision precision, string name, double bytesPerWeight, CudaMemory x, CudaMemory quantised, CudaMemory rowScales, CudaMemory y)
    {
        (string Name, Action<int> Call)[] ways = [.. Ways(shape, precision, bytesPerWeight, x, quantised, rowScales, y)];
        if (ways.Length == 0)
            return;
        long weightBytes = (long)(bytesPerWeight * shape.Outputs * shape.Inputs);
        int places = session.Arena.PlacesFor(weightBytes);
        session.Point(Key(name, shape.Rows, shape.Outputs, shape.Inputs), new GpuWork(shape.Flops, weightBytes, precision == KernelPrecision.Fp8), () =>
        {
            (string Name, Action<int> Call) best = ways.Length == 1 ? ways[0] : ways.MinBy(way => session.Timer.Glance(places, way.Call));
            (double seconds, double spread) = session.Timer.Measure(places, best.Call);
            return (best.Name, seconds, spread);
        });
    }

    /// <summary>The kernels that suit a shape: those of the least row tile that holds all rows, or of the largest, and what is next to it.</summary>
    private IEnumerable<(string Name, Action<int> Call)> Ways(ProductShape shape, KernelPrecision precision, double bytesPerWeight, CudaMemory x, CudaMemory quantised, CudaMemory rowScales, CudaMemory y)
    {
        bool fourBit = precision is KernelPrecision.NvFp4 or KernelPrecision.Int4WeightOnly;
        ProductKernel[] kernels = [.. (fourBit ? KernelCatalog.FourBitProducts(precision) : KernelCatalog.Products(precision)).Where(session.Runs).Select(kernel => new ProductKernel(kernel)).Where(kernel => kernel.Takes(shape))];
        if (kernels.Length == 0)
            yield break;
        int enough = kernels.Where(kernel => kernel.RowTile >= shape.Rows).Select(kernel => kernel.RowTile).DefaultIfEmpty(kernels.Max(kernel => kernel.RowTile)).Min();
        bool warpgroups = kernels.Any(kernel => kernel.Kernel.Target.Exact);
        long weightBytes = (long)(bytesPerWeight * shape.Outputs * shape.Inputs);
        long scaleBytes = fourBit ? weightBytes - ((long)shape.Outputs * shape.Inputs / 2) : 0;
        var layer = new LayerKernels(session.Shelf);
        foreach (ProductKernel kernel in kernels.Where(kernel => kernel.RowTile >= enough / 2 && kernel.RowTile <= 4 * enough))
        {
            // Warp-level instructions keep up with the warpgroups' only where weights are what takes the time.
            if (warpgroups && !kernel.Kernel.Target.Exact && kernel.RowTile > 16)
                continue;
            int splits = kernel.SplitsFor(shape, session.Multiprocessors);
            yield return (kernel.Kernel.Entry, place =>
            {
                KernelArgument w = session.Arena.At(weightBytes, place, scaleBytes);
                if (precision == KernelPrecision.Fp8)
                    layer.Quantise(session.Stream, KernelCatalog.QuantiseActivations, KernelArgument.Of(x), KernelArgument.Of(quantised), KernelArgument.Of(rowScales), shape.Rows, shape.Inputs);
                KernelArgument scales = fourBit ? session.Arena.At(weightBytes, place) : precision == KernelPrecision.Fp8 ? KernelArgument.Of(rowScales) : KernelArgument.Null;
                kernel.Launch(session.Shelf, session.Stream, shape, precision == KernelPrecision.Fp8 ? quantised : x, w, scales, y, session.Work, 1, splits);
            });
        }

        if (!fourBit)
            yield break;
        var vector = new VectorKernel(KernelCatalog.FourBitVector(precision));
        if (vector.Takes(shape) && session.Runs(vector.Kernel))
            yield return (vector.Kernel.Entry, place => vector.Launch(session.Shelf, session.Stream, shape, x, session.Arena.At(weightBytes, place, scaleBytes), session.Arena.At(weightBytes, place), y, 1));
    }
}
