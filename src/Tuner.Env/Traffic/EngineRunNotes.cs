using System.Text.Json;

namespace Tuner.Env.Traffic;

/// <summary>What a recorded run says of the engine that made it; null where it says nothing.</summary>
/// <param name="Model">The model served, as the engine was told.</param>
/// <param name="MaxSequences">Most sequences in a step (<c>max_num_seqs</c>).</param>
/// <param name="TokenBudget">Most tokens of a step (<c>max_num_batched_tokens</c>).</param>
/// <param name="MaxSequenceTokens">Longest sequence, prompt and output (<c>max_model_len</c>).</param>
/// <param name="SixteenBitWeights">Whether weights are kept in 16 bits.</param>
/// <param name="EightBitKv">Whether the KV cache is kept in 8 bits.</param>
/// <param name="TensorParallel">GPUs each layer is split over.</param>
/// <param name="DataParallel">Engines side by side.</param>
/// <param name="ExpertParallel">Whether experts are spread whole.</param>
/// <param name="KvCacheTokens">Tokens the KV cache of one engine holds.</param>
public sealed record EngineRunNotes(
    string? Model = null,
    int? MaxSequences = null,
    int? TokenBudget = null,
    int? MaxSequenceTokens = null,
    bool? SixteenBitWeights = null,
    bool? EightBitKv = null,
    int? TensorParallel = null,
    int? DataParallel = null,
    bool? ExpertParallel = null,
    int? KvCacheTokens = null)
{
    /// <summary>Parts of a checkpoint's name by which one with fewer than 16 bits a weight is known: its <c>dtype</c> is that of its activations.</summary>
    private static readonly string[] Quantised = ["fp8", "fp4", "int8", "int4", "awq", "gptq", "w8a8", "w4a16", "quantized", "bnb"];

    /// <summary>Reads <c>meta.json</c> as <c>bench</c> of github.com/casys-kaist/LLMServingSim (MIT) writes it beside a run.</summary>
    /// <remarks>
    /// <c>engine_kwargs</c> is what the engine was told; where that is null, <c>resolved_config</c> is what it made of it. <c>kv_cache</c> holds what it
    /// reported of its cache. Later keys are absent from earlier runs, and unknown ones are ignored.
    /// </remarks>
    /// <param name="path">The file.</param>
    /// <exception cref="TrafficFormatException">It is not a JSON object, or a number in it is not one.</exception>
    public static EngineRunNotes Read(string path)
    {
        string name = Path.GetFileName(path);
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                throw new TrafficFormatException($"{name}: not a JSON object; expected the notes of a recorded run, with engine_kwargs.");
            string? model = Text(Find(root, "engine_kwargs", "model")) ?? Text(Find(root, "model"));
            string? type = Text(Find(root, "engine_kwargs", "dtype"), "auto") ?? Text(Find(root, "resolved_config", "model_config", "dtype"));
            string? cache = Text(Find(root, "engine_kwargs", "kv_cache_dtype"), "auto") ?? Text(Find(root, "resolved_config", "cache_config", "cache_dtype"));
            bool quantised = Text(Find(root, "resolved_config", "model_config", "quantization")) is not null
                || (model is not null && Quantised.Any(mark => model.Contains(mark, StringComparison.OrdinalIgnoreCase)));
            return new EngineRunNotes(
                model,
                Number("max_num_seqs", "scheduler_config"),
                Number("max_num_batched_tokens", "scheduler_config"),
                Number("max_model_len", "model_config"),
                quantised ? null : type is null ? null : type.Contains("16", StringComparison.Ordinal) || type == "half" ? true : null,
                cache is null ? null : cache.Contains("fp8", StringComparison.Ordinal),
                Number("tensor_parallel_size", "parallel_config"),
                Number("data_parallel_size", "parallel_config"),
                Find(root, "engine_kwargs", "enable_expert_parallel") is { ValueKind: JsonValueKind.True or JsonValueKind.False } expert ? expert.GetBoolean() : null,
                Whole(Find(root, "kv_cache", "num_kv_tokens"), "kv_cache.num_kv_tokens") ?? Blocks(root));

            int? Number(string key, string section)
                => Whole(Find(root, "engine_kwargs", key), $"engine_kwargs.{key}") ?? Whole(Find(root, "resolved_config", section, key), $"resolved_config.{section}.{key}");
        }
        catch (JsonException broken)
        {
            throw new TrafficFormatException($"{name}:{broken.LineNumber + 1}: not valid JSON; expected the notes of a recorded run, with engine_kwargs.", broken);
        }

        int? Blocks(JsonElement root)
            => Whole(Find(root, "kv_cache", "num_gpu_blocks"), "kv_cache.num_gpu_blocks") is { } blocks && Whole(Find(root, "kv_cache", "block_size"), "kv_cache.block_size") is { } size
                ? blocks * size
                : null;

        int? Whole(JsonElement? value, string where) => value switch
        {
            null => null,
            { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out int whole) && whole > 0 => whole,
            { } other => throw new TrafficFormatException($"{name}: {where} is {other.GetRawText()}; a whole number above 0 was expected."),
        };
    }

    private static string? Text(JsonElement? value, string nothing = "")
        => value is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 } said && said != nothing ? said : null;

    // Null for what is absent and for JSON's null alike.
    private static JsonElement? Find(JsonElement root, params ReadOnlySpan<string> path)
    {
        JsonElement at = root;
        foreach (string key in path)
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(key, out at))
                return null;
        }

        return at.ValueKind == JsonValueKind.Null ? null : at;
    }
}
