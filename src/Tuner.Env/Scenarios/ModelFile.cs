using System.Text.Json;
using Tuner.Env.Costs;

namespace Tuner.Env.Scenarios;

/// <summary>Reads a model's shape from a Hugging Face <c>config.json</c>.</summary>
internal static class ModelFile
{
    public static ModelSpec Parse(string name, string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        int heads = Number(name, root, "num_attention_heads");
        int hidden = Number(name, root, "hidden_size");
        int experts = Optional(root, "num_local_experts") ?? Optional(root, "num_experts") ?? Optional(root, "n_routed_experts") ?? 0;
        return new ModelSpec(
            name,
            Number(name, root, "num_hidden_layers"),
            hidden,
            (experts > 0 ? Optional(root, "moe_intermediate_size") : null) ?? Number(name, root, "intermediate_size"),
            heads,
            Optional(root, "num_key_value_heads") ?? heads,
            Optional(root, "head_dim") ?? hidden / heads,
            Number(name, root, "vocab_size"),
            experts,
            experts > 0 ? Optional(root, "num_experts_per_tok") ?? 1 : 0,
            root.TryGetProperty("tie_word_embeddings", out JsonElement tied) && tied.ValueKind == JsonValueKind.True);
    }

    private static int Number(string name, JsonElement root, string key)
        => Optional(root, key) ?? throw new ScenarioFormatException($"model {name}: \"{key}\" is missing; a Hugging Face config.json has it.");

    private static int? Optional(JsonElement root, string key)
        => root.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : null;
}
