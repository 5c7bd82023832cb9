using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Samples;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Libraries;
using Tuner.Kernels.Operations;

namespace Tuner.Kernels.Calibration.Gpu;

/// <summary>cuBLASLt's products beside Tuner's own, right after them and on the same inputs: a series of its own.</summary>
internal sealed class GpuLibraryProducts
{
    private readonly GpuSession session;
    private readonly CublasLt library;

    private GpuLibraryProducts(GpuSession session, CublasLt library) => (this.session, this.library) = (session, library);

    public static int Points(GpuGrid grid) => CublasLt.Precisions.Count * grid.Rows.Count * grid.Outputs.Count * grid.Inputs.Count;

    public static string Key(string format, int rows, int outputs, int inputs) => FormattableString.Invariant($"cublaslt/{format}/{rows}/{outputs}/{inputs}");

    /// <summary>The library's products; null where there is no library.</summary>
    /// <exception cref="CalibrationException">The journal holds points of another version.</exception>
    public static GpuLibraryProducts? Of(GpuSession session)
    {
        if (session.Library is not { } library)
            return null;
        if (session.Points.Values.FirstOrDefault(point => point.Key.StartsWith("cublaslt/", StringComparison.Ordinal) && point.Kernel != library.Version) is { } other)
            throw new CalibrationException($"The journal holds products of {other.Kernel}; this is {library.Version}. Delete the file to measure anew.");
        return new GpuLibraryProducts(session, library);
    }

    /// <summary>What was measured, out of a journal; refused points are left out.</summary>
    public static IEnumerable<GemmSample> Samples(GpuGrid grid, IReadOnlyDictionary<string, GpuPoint> points) =>
        from format in GpuProducts.Formats
        from outputs in grid.Outputs
        from inputs in grid.Inputs
        from rows in grid.Rows
        let point = points.GetValueOrDefault(Key(format.Name, rows, outputs, inputs))
        where point is { Refused: null }
        select new GemmSample(format.Precision, rows, outputs, inputs, point.Seconds, null, point.Spread);

    /// <summary>The library the points were measured with; null where there are none.</summary>
    public static string? VersionIn(IReadOnlyDictionary<string, GpuPoint> points) => points.Values.FirstOrDefault(point => point.Key.StartsWith("cublaslt/", StringComparison.Ordinal))?.Kernel;

    /// <summary>Measures a point. FP8 pays for its activations' quantisation, as Tuner's own products do.</summary>
    public void Measure(ProductShape shape, KernelPrecision precision, string name, CudaMemory x, CudaMemory quantised, CudaMemory rowScales, CudaMemory y)
    {
        if (!CublasLt.Precisions.Contains(precision) || (precision == KernelPrecision.Fp8 && !session.Runs(KernelCatalog.QuantiseActivations)))
            return;
        bool fp8 = precision == KernelPrecision.Fp8;
        long weightBytes = (long)shape.Outputs * shape.Inputs * (fp8 ? 1 : sizeof(ushort));
        var layer = new LayerKernels(session.Shelf);
        using CublasLtProduct? product = library.Plan(shape, precision);
        if (product is null)
            return;
        session.Point(Key(name, shape.Rows, shape.Outputs, shape.Inputs), new GpuWork(shape.Flops, weightBytes, fp8), () =>
        {
            (double seconds, double spread) = session.Timer.Measure(session.Arena.PlacesFor(weightBytes), place =>
            {
                if (fp8)
                    layer.Quantise(session.Stream, KernelCatalog.QuantiseActivations, KernelArgument.Of(x), KernelArgument.Of(quantised), KernelArgument.Of(rowScales), shape.Rows, shape.Inputs);
                product.Launch(session.Stream, KernelArgument.Of(fp8 ? quantised : x), session.Arena.At(weightBytes, place), y);
            });
            return (library.Version, seconds, spread);
        });
    }
}
