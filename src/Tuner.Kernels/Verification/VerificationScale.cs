namespace Tuner.Kernels.Verification;

/// <summary>How much to check: shapes a kernel, and how large.</summary>
/// <param name="Shapes">Random shapes for each kernel.</param>
/// <param name="Rows">Most rows of products and of the small kernels.</param>
/// <param name="Columns">Most outputs of products, and columns of the small kernels.</param>
/// <param name="Inputs">Most inputs of products.</param>
/// <param name="Tokens">Most tokens of a sequence.</param>
/// <param name="Sequences">Most sequences.</param>
/// <param name="KvHeads">Most key/value heads.</param>
public sealed record VerificationScale(int Shapes, int Rows, int Columns, int Inputs, int Tokens, int Sequences, int KvHeads)
{
    /// <summary>For a GPU: shapes of layers, seconds in all; most of it is the reference on the CPU.</summary>
    public static VerificationScale Gpu { get; } = new(6, 600, 4096, 4096, 3000, 8, 8);

    /// <summary>Shapes that cross every tile's border and fill every pipeline more than once, for a host that runs the kernels thread by thread.</summary>
    public static VerificationScale Host { get; } = new(4, 150, 320, 1800, 900, 3, 2);
}
