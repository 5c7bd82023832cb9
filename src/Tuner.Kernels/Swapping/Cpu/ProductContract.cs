namespace Tuner.Kernels.Swapping.Cpu;

/// <summary>The contract of a product in single precision.</summary>
/// <param name="mostRows">Most rows kernels must take.</param>
public sealed class ProductContract(int mostRows = 4096) : KernelContract<ProductCall>
{
    /// <summary>Sums of thousands of rounded terms in another order differ by a few units in the sixth digit.</summary>
    private const double Relative = 1e-4;

    private const double Absolute = 1e-6;

    /// <inheritdoc/>
    public override string Operation => "product f32";

    /// <inheritdoc/>
    public override Tolerance Tolerance => new(Relative, Absolute);

    /// <inheritdoc/>
    public override bool Covers(in ProductCall call) => call.Rows <= mostRows;

    /// <inheritdoc/>
    public override long OutputBytes(in ProductCall call) => (long)call.Rows * call.Weights.Outputs * sizeof(float);

    /// <inheritdoc/>
    public override ProductCall Redirect(in ProductCall call, KernelScratch scratch) => call with { Y = scratch.Reserve(OutputBytes(call)) };

    /// <inheritdoc/>
    public override OutputVerdict Compare(in ProductCall expected, in ProductCall actual) => Tolerance.Compare(expected.Output, actual.Output);
}
