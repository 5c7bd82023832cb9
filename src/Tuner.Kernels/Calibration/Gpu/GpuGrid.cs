using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Calibration.Gpu;

/// <summary>The shapes a GPU calibration times: the corners and the inside of what the cost model asks for.</summary>
/// <param name="Rows">Rows of products.</param>
/// <param name="Outputs">Columns of products.</param>
/// <param name="Inputs">Lengths of their sums.</param>
/// <param name="Heads">Heads of attention layers.</param>
/// <param name="PromptBatches">Prompts processed together.</param>
/// <param name="PromptTokens">Tokens of each.</param>
/// <param name="DecodeBatches">Sequences that decode together.</param>
/// <param name="DecodeTokens">Cached tokens of each.</param>
/// <param name="MostCachedTokens">Sequences × tokens beyond which a decode point is left out: what memory holds.</param>
/// <param name="CopyBytes">Sizes of copies.</param>
/// <param name="CoRunPrompts">Prompt tokens that run beside decoding.</param>
/// <param name="CoRunSequences">Sequences that decode beside a prompt.</param>
/// <param name="CoRunTokens">Their cached tokens.</param>
public sealed record GpuGrid(
    IReadOnlyList<int> Rows,
    IReadOnlyList<int> Outputs,
    IReadOnlyList<int> Inputs,
    IReadOnlyList<AttentionShape> Heads,
    IReadOnlyList<int> PromptBatches,
    IReadOnlyList<int> PromptTokens,
    IReadOnlyList<int> DecodeBatches,
    IReadOnlyList<int> DecodeTokens,
    long MostCachedTokens,
    IReadOnlyList<long> CopyBytes,
    IReadOnlyList<int> CoRunPrompts,
    IReadOnlyList<int> CoRunSequences,
    IReadOnlyList<int> CoRunTokens)
{
    /// <summary>Prompt tokens of one call beyond which a prefill point is left out.</summary>
    public const int MostPromptTokens = 32_768;

    /// <summary>Layers of models from 1 to 400 billion weights, on one to eight GPUs.</summary>
    public static GpuGrid Whole { get; } = new(
        [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192],
        [512, 1024, 2048, 4096, 8192, 16_384, 28_672],
        [512, 1024, 2048, 4096, 8192, 14_336],
        [new(32, 8, 128), new(64, 8, 128), new(8, 1, 128), new(16, 2, 128), new(32, 8, 64)],
        [1, 4, 16],
        [64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384],
        [1, 2, 4, 8, 16, 32, 64, 128, 256],
        [64, 256, 1024, 2048, 4096, 8192, 16_384, 32_768],
        1 << 20,
        [1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24, 1 << 26, 1 << 28],
        [512, 2048, 8192],
        [8, 64],
        [1024, 8192]);
}
