using System.Text.Json;
using Tuner.Env.Costs;

namespace Tuner.Env.Scenarios;

/// <summary>Reads a model's shape from a Hugging Face <c>config.json</c>.</summary>
internal static class ModelFile
{
    public static ModelSpec Parse(string name, string json)
    {
        using JsonDocument document = Open(name, json);
        JsonElement root = document.RootElement;
        int heads = Number(name, root, "num_attention_heads");
        int hidden = Number(name, root, "hidden_size");
        int experts = Optional(name, root, "num_local_experts") ?? Optional(name, root, "num_experts") ?? Optional(name, root, "n_routed_experts") ?? 0;
        return new ModelSpec(
            name,
            Number(name, root, "num_hidden_layers"),
            hidden,
            (experts > 0 ? Optional(name, root, "moe_intermediate_size") : null) ?? Number(name, root, "intermediate_size"),
            heads,
            Optional(name, root, "num_key_value_heads") ?? heads,
            Optional(name, root, "head_dim") ?? hidden / heads,
            Number(name, root, "vocab_size"),
            experts,
            experts > 0 ? Optional(name, root, "num_experts_per_tok") ?? 1 : 0,
            root.TryGetProperty("tie_word_embeddings", out JsonElement tied) && tied.ValueKind == JsonValueKind.True);
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
