using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Calibration;

/// <summary>The shapes a CPU calibration times.</summary>
/// <param name="Rows">Rows of the products.</param>
/// <param name="Matrices">Weight matrices: inputs and outputs.</param>
/// <param name="Heads">Heads of the attention layers.</param>
/// <param name="PromptTokens">Lengths of prompts.</param>
/// <param name="Batches">Sequences that decode together.</param>
/// <param name="Contexts">Cached tokens of each.</param>
/// <param name="CopyBytes">Sizes of copies.</param>
/// <param name="NormWidth">Width of the normalised rows.</param>
public sealed record CpuGrid(
    IReadOnlyList<int> Rows,
    IReadOnlyList<(int Inputs, int Outputs)> Matrices,
    IReadOnlyList<AttentionShape> Heads,
    IReadOnlyList<int> PromptTokens,
    IReadOnlyList<int> Batches,
    IReadOnlyList<int> Contexts,
    IReadOnlyList<int> CopyBytes,
    int NormWidth)
{
    /// <summary>Below this the whole grid's slowest calls alone would take longer.</summary>
    private const double CoarseBelowSeconds = 20;

    /// <summary>Shapes of models a CPU serves, from 0.6 to 8 billion weights.</summary>
    public static CpuGrid Whole { get; } = new(
        [1, 2, 4, 8, 16, 64, 256, 2048],
        [(1024, 1024), (1024, 6144), (3072, 1024), (2048, 2048), (4096, 4096)],
        [new AttentionShape(32, 8, 128), new AttentionShape(16, 8, 64)],
        [32, 128, 512, 2048],
        [1, 4, 16],
        [128, 512, 2048],
        [1 << 16, 1 << 20, 1 << 24, 1 << 27],
        4096);

    /// <summary>Few and small shapes: a rough answer within seconds.</summary>
    public static CpuGrid Coarse { get; } = new(
        [1, 8, 64],
        [(512, 512), (512, 1536), (1024, 1024)],
        [new AttentionShape(8, 2, 64)],
        [32, 128, 512],
        [1, 4],
        [128, 1024],
        [1 << 16, 1 << 24],
        1024);

    /// <summary>The grid a time budget has room for.</summary>
    /// <param name="budget">Time for all points.</param>
    public static CpuGrid For(TimeSpan budget) => budget.TotalSeconds < CoarseBelowSeconds ? Coarse : Whole;
}
