namespace Tuner.Kernels.Launching.Recorded;

/// <summary>Counts what a recorded kernel's launch asks of the GPU, from its parameters as its authors describe them.</summary>
/// <remarks>
/// The kernels are those of the FAIR benchmark hub for auto-tuning (AutoTuningAssociation/benchmark_hub): a 15 × 15 convolution of
/// a 4096 × 4096 image, a point-in-polygon test of 20 million points, dedispersion of 25000 samples, 1536 channels and 2048
/// measures, and CLBlast's single-precision product of 4096 × 4096 matrices. Registers count where the recording knows them.
/// </remarks>
public static class RecordedWork
{
    private const int Float = sizeof(float);

    /// <summary>The work of a configuration.</summary>
    /// <exception cref="ArgumentException">The kernel is not one of these.</exception>
    public static LaunchWork Of(RecordedLaunches launches, int configuration) => launches.Kernel switch
    {
        "convolution" => Convolution(launches, configuration),
        "pnpoly" => PointInPolygon(launches, configuration),
        "dedispersion" => Dedispersion(launches, configuration),
        "gemm" => Product(launches, configuration),
        _ => throw new ArgumentException($"No recorded kernel '{launches.Kernel}'; there are convolution, pnpoly, dedispersion and gemm.", nameof(launches)),
    };

    /// <summary>The prior of every configuration.</summary>
    public static Func<int, double> Prior(RecordedLaunches launches) => configuration => RooflinePrior.Seconds(launches.Gpu, Of(launches, configuration));

    private static LaunchWork Convolution(RecordedLaunches launches, int configuration)
    {
        const int image = 4096;
        const int filter = 15;
        LaunchSpace space = launches.Space;
        (int bx, int by) = (space.Value(configuration, "block_size_x"), space.Value(configuration, "block_size_y"));
        (int tx, int ty) = (space.Value(configuration, "tile_size_x"), space.Value(configuration, "tile_size_y"));
        double inputs = ((bx * tx) + filter - 1.0) * ((by * ty) + filter - 1);
        double outputs = (double)bx * tx * by * ty;
        int shared = space.Axes.Any(axis => axis.Name == "use_shmem") && space.Value(configuration, "use_shmem") == 0 ? 0 : (int)(inputs * Float);
        return new LaunchWork(
            bx * by, (long)DivideUp(image, bx * tx) * DivideUp(image, by * ty), 2 * filter * filter * outputs, (inputs + outputs) * Float, tx * ty, Resources(launches, configuration, shared));
    }

    private static LaunchWork PointInPolygon(RecordedLaunches launches, int configuration)
    {
        const int points = 20_000_000;
        const int vertices = 600;
        const int flopsOfAnEdge = 8;
        const int bytesOfAPoint = 12;
        (int block, int tile) = (launches.Space.Value(configuration, "block_size_x"), launches.Space.Value(configuration, "tile_size"));
        double items = (double)block * tile;
        return new LaunchWork(
            block, DivideUp(points, block * tile), flopsOfAnEdge * vertices * (items + block), bytesOfAPoint * items, tile, Resources(launches, configuration, 0));
    }

    private static LaunchWork Dedispersion(RecordedLaunches launches, int configuration)
    {
        const int samples = 25_000;
        const int measures = 2048;
        const int channels = 1536;
        LaunchSpace space = launches.Space;
        (int bx, int by) = (space.Value(configuration, "block_size_x"), space.Value(configuration, "block_size_y"));
        (int tx, int ty) = (space.Value(configuration, "tile_size_x"), space.Value(configuration, "tile_size_y"));
        double outputs = (double)bx * tx * by * ty;

        // Neighbouring measures read nearly the same samples: what a block reads is its samples once a channel, in sectors of 32 bytes.
        double read = channels * Math.Max(32.0, bx * tx);
        return new LaunchWork(
            bx * by, (long)DivideUp(samples, bx * tx) * DivideUp(measures, by * ty), 4 * channels * outputs, read + (outputs * Float), 1, Resources(launches, configuration, 0));
    }

    private static LaunchWork Product(RecordedLaunches launches, int configuration)
    {
        const int size = 4096;
        LaunchSpace space = launches.Space;
        (int rows, int columns, int depth) = (space.Value(configuration, "MWG"), space.Value(configuration, "NWG"), space.Value(configuration, "KWG"));
        int threads = space.Value(configuration, "MDIMC") * space.Value(configuration, "NDIMC");
        int shared = ((space.Value(configuration, "SA") * rows) + (space.Value(configuration, "SB") * columns)) * depth * Float;
        double each = (double)rows * columns / threads;
        double bytes = ((rows + columns) * (double)size * Float) + ((double)rows * columns * Float);

        // Every operand a thread does not keep in registers comes from shared memory or the cache: 1/rows + 1/columns of a thread's tile a step.
        double own = Math.Sqrt(each);
        return new LaunchWork(
            threads, (long)(size / rows) * (size / columns), 2.0 * rows * columns * size * (1 + (2 / own)), bytes, each, Resources(launches, configuration, shared));
    }

    private static KernelResources Resources(RecordedLaunches launches, int configuration, int sharedBytes) => new(launches.Kernel, launches.Registers(configuration), sharedBytes);

    private static int DivideUp(int value, int unit) => (value + unit - 1) / unit;
}
