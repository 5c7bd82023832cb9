using Tuner.Kernels.Calibration.Gpu;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Launching.Gpu;

/// <summary>Activations to FP8, a row at a time: threads of a block, and whether a warp or the whole block takes a row.</summary>
internal sealed class QuantiseLaunches : GpuLaunches, IDisposable
{
    /// <summary>Elements a thread has under way.</summary>
    private const int Vector = 8;

    /// <summary>Reading, comparing, scaling and rounding an element.</summary>
    private const int FlopsOfAnElement = 6;

    private readonly GpuSession session;
    private readonly int rows;
    private readonly int width;
    private readonly CudaMemory target;
    private readonly CudaMemory scales;

    public QuantiseLaunches(GpuSession session, int rows, int width)
    {
        (this.session, this.rows, this.width) = (session, rows, width);
        target = session.Device.Allocate((long)rows * width);
        scales = session.Device.Allocate((long)rows * sizeof(float));
    }

    public override string Name => FormattableString.Invariant($"quantise_activations, {rows} × {width}");

    public override IReadOnlyList<int> Sizes => [rows, width];

    public override LaunchSpace Space { get; } = LaunchSpace.Of(
        [new LaunchAxis("threads", [32, 64, 96, 128, 160, 192, 256, 320, 384, 448, 512, 640, 768, 896, 1024]), new LaunchAxis("row_warps", [0, 1])], values => values[0] > 32 || values[1] == 1);

    internal override int Places => session.Arena.PlacesFor(Bytes);

    private long Bytes => 2L * rows * width;

    public override KernelSpec Kernel(int configuration)
    {
        (int threads, int rowThreads) = Threads(configuration);
        KernelSpec kernel = KernelCatalog.QuantiseActivations;

        // What the catalogue has is compiled ahead of time; the others need the run-time compiler.
        return threads == kernel.Threads && rowThreads == kernel["ROW_THREADS"]
            ? kernel
            : new KernelSpec($"{kernel.Entry}_launch_{threads}_{rowThreads}", kernel.Source, new Dictionary<string, int> { ["RESTORE"] = 0, ["THREADS"] = threads, ["ROW_THREADS"] = rowThreads }, kernel.Target, threads);
    }

    public override LaunchWork Work(int configuration, int registers)
    {
        (int threads, int rowThreads) = Threads(configuration);
        double elements = (double)threads / rowThreads * width;
        return new LaunchWork(threads, Blocks(threads, rowThreads), FlopsOfAnElement * elements, (2 * sizeof(ushort) + 1) * elements, Vector, new KernelResources(Kernel(configuration).Entry, registers, rowThreads > 32 ? threads / 32 * sizeof(float) : 0, threads));
    }

    internal override void Launch(int configuration, CudaFunction function, int place)
    {
        (int threads, int rowThreads) = Threads(configuration);
        function.Launch(
            new LaunchShape((uint)Blocks(threads, rowThreads), (uint)threads), session.Stream,
            session.Arena.At(Bytes, place), KernelArgument.Of(target), KernelArgument.Of(scales), KernelArgument.Of(rows), KernelArgument.Of(width));
    }

    public void Dispose()
    {
        target.Dispose();
        scales.Dispose();
    }

    private (int Threads, int RowThreads) Threads(int configuration)
    {
        int threads = Space.Value(configuration, "threads");
        return (threads, Space.Value(configuration, "row_warps") == 1 ? 32 : threads);
    }

    private int Blocks(int threads, int rowThreads) => (rows + (threads / rowThreads) - 1) / (threads / rowThreads);
}
