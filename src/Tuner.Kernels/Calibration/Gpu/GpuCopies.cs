using Tuner.Kernels.Calibration.Samples;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Operations;

namespace Tuner.Kernels.Calibration.Gpu;

/// <summary>Copies over the host's link and within memory, the small kernels, a copy beside a product, and power.</summary>
internal sealed class GpuCopies(GpuSession session, GpuGrid grid)
{
    private const int Width = 8192;
    private const int ManyRows = 8192;

    /// <summary>Long enough for a power reading that is averaged over a second.</summary>
    private const double LoadSeconds = 1.5;

    public const string OverlapKey = "overlap/copy-product";
    public const string LayerKey = "layer/1";
    public const string ElementwiseKey = "layer/many";
    public const string IdleKey = "power/idle";
    public const string MemoryKey = "power/memory";
    public const string ArithmeticKey = "power/arithmetic";

    private static readonly (CopyPath Path, string Name)[] Paths = [(CopyPath.HostToDevice, "h2d"), (CopyPath.DeviceToHost, "d2h"), (CopyPath.DeviceToDevice, "d2d")];

    private static readonly ProductShape Large = new(8192, 8192, 8192);

    /// <summary>Bytes the small kernels of many rows move: norm, rotation and activation, each element in and out.</summary>
    public static double ElementwiseBytes => 2.0 * ManyRows * Width * ((2 + 2) + 2 + 3);

    public static int Points(GpuGrid grid) => (Paths.Length * grid.CopyBytes.Count) + 6;

    public static IEnumerable<CopySample> Samples(GpuGrid grid, IReadOnlyDictionary<string, GpuPoint> points)
    {
        foreach ((CopyPath path, string name) in Paths)
        {
            foreach (long bytes in grid.CopyBytes)
            {
                if (points.TryGetValue(Key(name, bytes), out GpuPoint? point) && point.Refused is null)
                    yield return new CopySample(path, bytes, point.Seconds, point.Spread);
            }
        }
    }

    public void Run()
    {
        // Power first, while nothing has warmed the board: idle is what it draws with clocks up and nothing to do.
        session.Point(IdleKey, default, () => ("nothing", Load(null), 0));
        foreach (long bytes in grid.CopyBytes)
            Copy(bytes);
        Layer();
        Products();
    }

    private static string Key(string path, long bytes) => FormattableString.Invariant($"copy/{path}/{bytes}");

    private void Copy(long bytes)
    {
        using PinnedMemory host = session.Device.AllocateHost(bytes);
        using CudaMemory near = session.Device.Allocate(bytes), far = session.Device.Allocate(bytes);
        near.Fill(0x3c, session.Stream);
        (string Name, Action<int> Call, double Bytes)[] ways =
        [
            ("h2d", _ => near.Write(host, session.Stream), bytes),
            ("d2h", _ => near.Read(host, session.Stream), bytes),
            ("d2d", _ => far.Write(near, session.Stream), bytes > 2L * session.Device.Spec.L2Bytes ? 2.0 * bytes : 0),
        ];
        foreach ((string name, Action<int> call, double moved) in ways)
        {
            session.Point(Key(name, bytes), new GpuWork(0, moved), () =>
            {
                (double seconds, double spread) = session.Timer.Measure(1, call);
                return ("copy engine", seconds, spread);
            });
        }
    }

    private void Layer()
    {
        using CudaMemory x = session.Device.Allocate(2L * ManyRows * Width * sizeof(ushort)), residual = session.Device.Allocate((long)ManyRows * Width * sizeof(ushort)), y = session.Device.Allocate((long)ManyRows * Width * sizeof(ushort)), gain = session.Device.Allocate(Width * sizeof(ushort)), positions = session.Device.Allocate(ManyRows * sizeof(int)), table = session.Device.Allocate(128 * sizeof(float));
        foreach (CudaMemory memory in (CudaMemory[])[x, residual, y, gain, positions, table])
            memory.Fill(0, session.Stream);
        var layer = new LayerKernels(session.Shelf);
        foreach ((string key, int rows) in (ReadOnlySpan<(string, int)>)[(LayerKey, 1), (ElementwiseKey, ManyRows)])
        {
            session.Point(key, default, () =>
            {
                (double seconds, double spread) = session.Timer.Measure(1, _ =>
                {
                    layer.RmsNorm(session.Stream, KernelArgument.Of(x), KernelArgument.Of(residual), KernelArgument.Of(gain), KernelArgument.Of(y), rows, Width, 1e-5f);
                    layer.Rope(session.Stream, KernelArgument.Of(x), KernelArgument.Of(positions), KernelArgument.Of(table), rows, Width / 128, 128);
                    layer.SwiGlu(session.Stream, KernelArgument.Of(x), KernelArgument.Of(y), rows, Width);
                });
                return ("norm, rotation, activation", seconds, spread);
            });
        }
    }

    private void Products()
    {
        KernelSpec kernel = KernelCatalog.Products(Env.Costs.KernelPrecision.Bf16).Last(session.Runs);
        var product = new ProductKernel(kernel);
        using CudaMemory x = session.Device.Allocate((long)Large.Rows * Large.Inputs * sizeof(ushort)), y = session.Device.Allocate((long)Large.Rows * Large.Outputs * sizeof(ushort)), target = session.Device.Allocate(grid.CopyBytes.Max());
        x.Fill(0x3c, session.Stream);
        using PinnedMemory host = session.Device.AllocateHost(grid.CopyBytes.Max());
        long weightBytes = (long)Large.Outputs * Large.Inputs * sizeof(ushort);
        void Multiply() => product.Launch(session.Shelf, session.Stream, Large, x, session.Arena.At(weightBytes, 0), KernelArgument.Null, y, session.Work, 1, 1);
        session.Point(OverlapKey, default, () =>
        {
            (double copying, double spread) = session.Timer.Measure(1, _ => target.Write(host, session.Stream));
            (double multiplying, _) = session.Timer.Measure(1, _ => Multiply());
            int products = (int)Math.Clamp(copying / multiplying, 1, 64);
            double together = session.Timer.Together(session.Other, () => Repeat(products, Multiply), () => target.Write(host, session.Other));
            return ("copy beside products, over the longer of the two", together / Math.Max(copying, products * multiplying), spread);
        });
        session.Point(MemoryKey, default, () => ("copies within memory", Load(() => y.Write(x, session.Stream)), 0));
        session.Point(ArithmeticKey, default, () => (kernel.Entry, Load(Multiply), 0));
    }

    /// <summary>Keeps the GPU busy, or idle, for a while; the point's watts are read right after. Returns the mean time of a call.</summary>
    private double Load(Action? work)
    {
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        int calls = 0;
        do
        {
            if (work is null)
                Thread.Sleep(100);
            for (int i = 0; work is not null && i < 8; i++)
                work();
            session.Stream.Synchronize();
            calls += 8;
        }
        while (session.Meter is not null && System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds < LoadSeconds);
        return System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds / calls;
    }

    private static void Repeat(int times, Action call)
    {
        for (int i = 0; i < times; i++)
            call();
    }
}
