using Tuner.Env.Costs;

namespace Tuner.Kernels.Compilation;

/// <summary>Every kernel there is: what tests compile and check, and what calibration chooses from.</summary>
public static class KernelCatalog
{
    /// <summary>Tensor cores for bf16 with the instructions used here, and FP8 conversions, came with these.</summary>
    private static readonly ComputeTarget Ampere = new(8, 0);
    private static readonly ComputeTarget Ada = new(8, 9);
    private static readonly ComputeTarget HopperAlone = new(9, 0, Exact: true);

    /// <summary>Bytes along k of a product's tile; <c>TILE_BYTES</c> of <c>gemm.cuh</c>.</summary>
    internal const int TileBytes = 128;

    /// <summary>Bytes of 64 four-bit weights; <c>PACKED_BYTES</c> of <c>gemm_w4.cu</c>.</summary>
    private const int PackedBytes = 32;

    /// <summary>Weights that share a scale: GPTQ's and AWQ's usual 128 in INT4, 16 in NVFP4 (NVIDIA, "Introducing NVFP4", 2025).</summary>
    internal const int Int4Group = 128;
    internal const int NvFp4Group = 16;

    /// <summary>Most rows of a product without tensor cores.</summary>
    internal const int VectorRows = 4;

    private static readonly (int Rows, int Columns, int Stages, int RowWarps, int ColumnWarps)[] WarpTiles = [(16, 64, 5, 1, 4), (64, 128, 4, 2, 4), (128, 128, 4, 2, 4)];

    private static readonly (int Rows, int Columns, int Stages)[] WarpgroupTiles = [(64, 64, 6), (64, 128, 6), (128, 128, 6), (128, 256, 4)];

    /// <summary>Products of bf16 or FP8 operands.</summary>
    public static IReadOnlyList<KernelSpec> Products(KernelPrecision precision)
    {
        int wide = precision == KernelPrecision.Fp8 ? 1 : 0;
        string format = wide == 1 ? "fp8" : "bf16";
        return
        [
            .. WarpTiles.Select(tile => new KernelSpec(
                $"gemm_{format}_mma_{tile.Rows}x{tile.Columns}",
                "gemm_mma.cu",
                new Dictionary<string, int> { ["FP8"] = wide, ["ROW_TILE"] = tile.Rows, ["COLUMN_TILE"] = tile.Columns, ["STAGES"] = tile.Stages, ["ROW_WARPS"] = tile.RowWarps, ["COLUMN_WARPS"] = tile.ColumnWarps },
                wide == 1 ? Ada : Ampere,
                32 * tile.RowWarps * tile.ColumnWarps,
                tile.Stages * (tile.Rows + tile.Columns) * TileBytes)),
            .. WarpgroupTiles.Select(tile => new KernelSpec(
                $"gemm_{format}_wgmma_{tile.Rows}x{tile.Columns}",
                "gemm_wgmma.cu",
                new Dictionary<string, int> { ["FP8"] = wide, ["ROW_TILE"] = tile.Rows, ["COLUMN_TILE"] = tile.Columns, ["STAGES"] = tile.Stages },
                HopperAlone,
                2 * tile.Rows,
                tile.Stages * (tile.Rows + tile.Columns) * TileBytes)),
        ];
    }

    /// <summary>Products of bf16 activations with four-bit weights on tensor cores.</summary>
    /// <param name="precision"><see cref="KernelPrecision.Int4WeightOnly"/> or <see cref="KernelPrecision.NvFp4"/>.</param>
    public static IReadOnlyList<KernelSpec> FourBitProducts(KernelPrecision precision)
    {
        (int floating, int group, string format) = FourBit(precision);
        return
        [
            .. WarpTiles.Select(tile => new KernelSpec(
                $"gemm_{format}_{tile.Rows}x{tile.Columns}",
                "gemm_w4.cu",
                new Dictionary<string, int> { ["NVFP4"] = floating, ["GROUP"] = group, ["ROW_TILE"] = tile.Rows, ["COLUMN_TILE"] = tile.Columns, ["STAGES"] = tile.Stages, ["ROW_WARPS"] = tile.RowWarps, ["COLUMN_WARPS"] = tile.ColumnWarps },
                floating == 1 ? Ada : Ampere,
                32 * tile.RowWarps * tile.ColumnWarps,
                tile.Stages * ((tile.Rows * TileBytes) + (tile.Columns * PackedBytes)))),
        ];
    }

    /// <summary>A few rows of bf16 times four-bit weights, without tensor cores.</summary>
    /// <inheritdoc cref="FourBitProducts"/>
    public static KernelSpec FourBitVector(KernelPrecision precision)
    {
        (int floating, int group, string format) = FourBit(precision);
        return new KernelSpec(
            $"gemv_{format}",
            "gemv_w4.cu",
            new Dictionary<string, int> { ["NVFP4"] = floating, ["GROUP"] = group, ["ROWS"] = VectorRows, ["WARPS"] = 4 },
            floating == 1 ? Ada : Ampere,
            128);
    }

    /// <summary>Causal attention of prompts.</summary>
    /// <param name="headDim">64 or 128.</param>
    public static IReadOnlyList<KernelSpec> Prefill(int headDim) =>
    [
        .. ((int[])[4, 8]).Select(warps => new KernelSpec(
            $"attention_prefill_{headDim}_{16 * warps}",
            "attention_prefill.cu",
            new Dictionary<string, int> { ["HEAD_DIM"] = headDim, ["WARPS"] = warps },
            Ampere,
            32 * warps,
            2 * 2 * 64 * headDim * 2)),
    ];

    /// <summary>Attention of one new token a sequence over a paged cache.</summary>
    /// <param name="headDim">64 or 128.</param>
    /// <param name="kvBits">16 for bf16, 8 for FP8.</param>
    public static KernelSpec Decode(int headDim, int kvBits)
    {
        const int warps = 4;
        const int tokens = 16;
        int row = headDim * kvBits / 8;
        int stage = 2 * tokens * (row + (kvBits == 8 ? sizeof(float) : 0));

        // As many blocks under way as let two thread blocks share a multiprocessor's memory.
        int stages = Math.Clamp(96 * 1024 / (warps * stage), 3, 6);
        int merge = warps * tokens * (headDim + 2) * sizeof(float);
        return new KernelSpec(
            $"attention_decode_{headDim}_{(kvBits == 8 ? "fp8" : "bf16")}",
            "attention_decode.cu",
            new Dictionary<string, int> { ["HEAD_DIM"] = headDim, ["FP8"] = kvBits == 8 ? 1 : 0, ["WARPS"] = warps, ["STAGES"] = stages },
            kvBits == 8 ? Ada : Ampere,
            32 * warps,
            Math.Max(warps * stages * stage, merge));
    }

    /// <summary>Rows of activations to FP8, a block for each.</summary>
    public static KernelSpec QuantiseActivations { get; } = Rows("quantise_activations", restore: 0, rowThreads: 256);

    /// <summary>Rows of a KV cache to FP8, a warp for each.</summary>
    public static KernelSpec CompressKv { get; } = Rows("compress_kv", restore: 0, rowThreads: 32);

    /// <summary>Rows of a KV cache back to bf16, a warp for each.</summary>
    public static KernelSpec DecompressKv { get; } = Rows("decompress_kv", restore: 1, rowThreads: 32);

    /// <summary>Residual and root-mean-square norm.</summary>
    public static KernelSpec RmsNorm { get; } = Elementwise("rms_norm", 0);

    /// <summary>Rotary embedding.</summary>
    public static KernelSpec Rope { get; } = Elementwise("rope", 1);

    /// <summary>Gated activation.</summary>
    public static KernelSpec SwiGlu { get; } = Elementwise("swiglu", 2);

    /// <summary>Copies of cache blocks between pools.</summary>
    public static KernelSpec GatherBlocks { get; } = new("gather_blocks", "gather.cu", new Dictionary<string, int> { ["THREADS"] = 256 }, Ampere, 256);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<KernelSpec> All { get; } =
    [
        .. Products(KernelPrecision.Bf16),
        .. Products(KernelPrecision.Fp8),
        .. FourBitProducts(KernelPrecision.Int4WeightOnly),
        .. FourBitProducts(KernelPrecision.NvFp4),
        FourBitVector(KernelPrecision.Int4WeightOnly),
        FourBitVector(KernelPrecision.NvFp4),
        .. Prefill(64),
        .. Prefill(128),
        Decode(64, 16),
        Decode(64, 8),
        Decode(128, 16),
        Decode(128, 8),
        QuantiseActivations,
        CompressKv,
        DecompressKv,
        RmsNorm,
        Rope,
        SwiGlu,
        GatherBlocks,
    ];

    private static (int Floating, int Group, string Format) FourBit(KernelPrecision precision) => precision switch
    {
        KernelPrecision.Int4WeightOnly => (0, Int4Group, "int4"),
        KernelPrecision.NvFp4 => (1, NvFp4Group, "nvfp4"),
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "Expected four-bit weights."),
    };

    private static KernelSpec Rows(string entry, int restore, int rowThreads) =>
        new(entry, "quantise.cu", new Dictionary<string, int> { ["RESTORE"] = restore, ["THREADS"] = 256, ["ROW_THREADS"] = rowThreads }, Ada, 256);

    private static KernelSpec Elementwise(string entry, int operation) =>
        new(entry, "elementwise.cu", new Dictionary<string, int> { ["OPERATION"] = operation, ["THREADS"] = 256 }, Ampere, 256);
}
