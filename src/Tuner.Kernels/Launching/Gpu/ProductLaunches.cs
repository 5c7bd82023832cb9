using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Gpu;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Operations;

namespace Tuner.Kernels.Launching.Gpu;

/// <summary>A bf16 product: the catalogue's tiles, warp-level and warpgroup instructions, and the parts the sum is split into.</summary>
internal sealed class ProductLaunches : GpuLaunches, IDisposable
{
    private static readonly int[] Splits = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];

    /// <summary>Blocks for each multiprocessor beyond which a sum is not split: there is work for all without, and parts cost memory.</summary>
    private const int MostBlocks = 8;

    private readonly GpuSession session;
    private readonly ProductShape shape;
    private readonly ProductKernel[] kernels;
    private readonly CudaMemory x;
    private readonly CudaMemory y;

    public ProductLaunches(GpuSession session, ProductShape shape)
    {
        (this.session, this.shape) = (session, shape);
        kernels = [.. KernelCatalog.Products(KernelPrecision.Bf16).Where(session.Runs).Select(kernel => new ProductKernel(kernel))];
        if (kernels.Length == 0)
            throw new KernelException($"{session.Device.Spec} runs none of the bf16 products.");
        Space = LaunchSpace.OfRows(
            ["row_tile", "column_tile", "warpgroups", "splits"],
            [.. from kernel in kernels from splits in Splits where splits == 1 || kernel.Tiles(shape) * splits <= MostBlocks * session.Multiprocessors select new[] { kernel.RowTile, kernel.Kernel["COLUMN_TILE"], kernel.Kernel.Target.Exact ? 1 : 0, splits }]);
        x = session.Device.Allocate((long)shape.Rows * shape.Inputs * sizeof(ushort));
        y = session.Device.Allocate((long)shape.Rows * shape.Outputs * sizeof(ushort));
        x.Fill(0x3c, session.Stream);
    }

    public override string Name => $"bf16 product, {shape}";

    public override IReadOnlyList<int> Sizes => [shape.Rows, shape.Outputs, shape.Inputs];

    public override LaunchSpace Space { get; }

    internal override int Places => session.Arena.PlacesFor(WeightBytes);

    private long WeightBytes => (long)shape.Outputs * shape.Inputs * sizeof(ushort);

    public override KernelSpec Kernel(int configuration) => Product(configuration).Kernel;

    public override LaunchWork Work(int configuration, int registers)
    {
        ProductKernel product = Product(configuration);
        (int rows, int columns, int splits) = (product.RowTile, product.Kernel["COLUMN_TILE"], Space.Value(configuration, "splits"));
        double depth = (double)shape.Inputs / splits;

        // Split sums are written and read once more, in 32 bits.
        double bytes = ((rows + columns) * depth * sizeof(ushort)) + (rows * columns * (splits == 1 ? sizeof(ushort) : 2.0 * sizeof(float)));
        return new LaunchWork(
            product.Kernel.Threads, (long)product.Tiles(shape) * splits, 2.0 * rows * columns * depth, bytes, (double)rows * columns / product.Kernel.Threads,
            new KernelResources(product.Kernel.Entry, registers, 0, product.Kernel.Threads), product.Kernel.SharedBytes);
    }

    internal override void Launch(int configuration, CudaFunction function, int place)
        => Product(configuration).Launch(session.Shelf, session.Stream, shape, x, session.Arena.At(WeightBytes, place), KernelArgument.Null, y, session.Work, 1, Space.Value(configuration, "splits"));

    public void Dispose()
    {
        x.Dispose();
        y.Dispose();
    }

    private ProductKernel Product(int configuration)
    {
        (int rows, int columns, bool warpgroups) = (Space.Value(configuration, "row_tile"), Space.Value(configuration, "column_tile"), Space.Value(configuration, "warpgroups") == 1);
        return kernels.Single(kernel => kernel.RowTile == rows && kernel.Kernel["COLUMN_TILE"] == columns && kernel.Kernel.Target.Exact == warpgroups);
    }
}
