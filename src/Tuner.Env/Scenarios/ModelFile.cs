using System.Text.Json;
using Tuner.Env.Costs;

namespace Tuner.Env.Scenarios;

/// <summary>Reads a model's shape from a Hugging Face <c>config.json</c>.</summary>
/// <remarks>
/// Read are dense models (Llama, Qwen3, …) and mixtures of experts as Mixtral, gpt-oss, DeepSeek-V3, Qwen3-MoE and MiniMax-M2 write them. A
/// model with pictures keeps its language part under <c>text_config</c>. Layers of linear attention are not known and read as full attention.
/// </remarks>
internal static class ModelFile
{
    public static ModelSpec Parse(string name, string json)
    {
        using JsonDocument document = Open(name, json);
        JsonElement root = document.RootElement;
        if (!root.TryGetProperty("hidden_size", out _) && root.TryGetProperty("text_config", out JsonElement text) && text.ValueKind == JsonValueKind.Object)
            root = text;
        int layers = Number(name, root, "num_hidden_layers");
        int heads = Number(name, root, "num_attention_heads");
        int hidden = Number(name, root, "hidden_size");
        int experts = Optional(name, root, "num_local_experts") ?? Optional(name, root, "num_experts") ?? Optional(name, root, "n_routed_experts") ?? 0;
        int intermediate = (experts > 0 ? Optional(name, root, "moe_intermediate_size") : null) ?? Number(name, root, "intermediate_size");
        int active = experts > 0 ? Optional(name, root, "num_experts_per_tok") ?? Optional(name, root, "experts_per_token") ?? 1 : 0;
        if (active > experts)
            throw new ScenarioFormatException($"model {name}: \"num_experts_per_tok\" is {active}; expected at most its {experts} experts.");
        int dense = experts > 0 ? DenseLayers(name, root, layers) : 0;
        LatentAttention? latent = Latent(name, root);
        int window = Optional(name, root, "sliding_window") ?? 0;
        int windowLayers = window > 0 ? WindowLayers(root, layers) : 0;
        return new ModelSpec(
            name,
            layers,
            hidden,
            intermediate,
            heads,
            Optional(name, root, "num_key_value_heads") ?? heads,
            latent?.KeyWidth ?? Optional(name, root, "head_dim") ?? hidden / heads,
            Number(name, root, "vocab_size"),
            experts,
            active,
            root.TryGetProperty("tie_word_embeddings", out JsonElement tied) && tied.ValueKind == JsonValueKind.True)
        {
            SharedIntermediateSize = experts > 0 ? Optional(name, root, "shared_expert_intermediate_size") ?? ((Optional(name, root, "n_shared_experts") ?? 0) * intermediate) : 0,
            DenseLayers = dense,
            DenseIntermediateSize = dense > 0 ? Number(name, root, "intermediate_size") : 0,
            Window = windowLayers > 0 ? window : 0,
            WindowLayers = windowLayers,
            NormsAcrossHeads = root.TryGetProperty("qk_norm_type", out JsonElement norm) && norm.ValueKind == JsonValueKind.String && norm.ValueEquals("per_layer"),
            Latent = latent,
            ExpertFormat = experts > 0 ? ExpertFormat(root) : null,
        };
    }

    // DeepSeek begins with dense layers (first_k_dense_replace); Qwen lists them (mlp_only_layers) or strews them (every layer whose number
    // decoder_sparse_step does not divide).
    private static int DenseLayers(string name, JsonElement root, int layers)
    {
        int first = Optional(name, root, "first_k_dense_replace") ?? 0;
        int step = Math.Max(1, Optional(name, root, "decoder_sparse_step") ?? 1);
        HashSet<int> listed = root.TryGetProperty("mlp_only_layers", out JsonElement list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Where(item => item.TryGetInt32(out _)).Select(item => item.GetInt32())]
            : [];
        int dense = Enumerable.Range(0, layers).Count(layer => layer < first || (layer + 1) % step != 0 || listed.Contains(layer));
        return dense < layers ? dense : throw new ScenarioFormatException($"model {name}: all {layers} layers are dense, yet it has experts.");
    }

    private static LatentAttention? Latent(string name, JsonElement root) => Optional(name, root, "kv_lora_rank") is > 0 and var rank
        ? new LatentAttention(
            Optional(name, root, "q_lora_rank") ?? 0,
            rank,
            Number(name, root, "qk_rope_head_dim"),
            Number(name, root, "qk_nope_head_dim"),
            Number(name, root, "v_head_dim"))
        : null;

    // Only a list of layer kinds says which layers use the window: older files name a width that a flag turns off, or that no engine honours.
    private static int WindowLayers(JsonElement root, int layers) =>
        root.TryGetProperty("layer_types", out JsonElement kinds) && kinds.ValueKind == JsonValueKind.Array
            ? Math.Min(layers, kinds.EnumerateArray().Count(kind => kind.ValueKind == JsonValueKind.String && kind.ValueEquals("sliding_attention")))
            : 0;

    private static KernelPrecision? ExpertFormat(JsonElement root)
    {
        if (!root.TryGetProperty("quantization_config", out JsonElement quantisation) || quantisation.ValueKind != JsonValueKind.Object)
            return null;
        if (quantisation.TryGetProperty("quant_method", out JsonElement method) && method.ValueKind == JsonValueKind.String && method.ValueEquals("mxfp4"))
            return KernelPrecision.MxFp4;
        return quantisation.TryGetProperty("weight_block_size", out JsonElement block) && block.ValueKind == JsonValueKind.Array ? KernelPrecision.Fp8Block : null;
    }

    private static JsonDocument Open(string name, string json)
    {
        try
        {
            var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
            document.Dispose();
            throw new ScenarioFormatException($"model {name}: not a JSON object; a Hugging Face config.json is one.");
        }
        catch (JsonException broken)
        {
            throw new ScenarioFormatException($"model {name}: {JsonProblem.Describe(broken, typeof(object), null)}.", broken);
        }
    }

    private static int Number(string name, JsonElement root, string key) => Optional(name, root, key) switch
    {
        null => throw new ScenarioFormatException($"model {name}: \"{key}\" is missing; a Hugging Face config.json has it."),
        0 => throw new ScenarioFormatException($"model {name}: \"{key}\" is 0; expected a whole number above 0."),
        { } value => value,
    };

    // Published files write null where a model has no such part.
    private static int? Optional(string name, JsonElement root, string key)
    {
        if (!root.TryGetProperty(key, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= 0)
            return number;
        throw new ScenarioFormatException($"model {name}: \"{key}\" is {value.GetRawText()}; expected a whole number.");
    }
}
