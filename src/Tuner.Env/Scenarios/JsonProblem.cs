using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tuner.Env.Scenarios;

/// <summary>Says what is wrong with a JSON file to the person who wrote it: where, what was found, what was expected.</summary>
internal static class JsonProblem
{
    private const int LongestExcerpt = 40;
    private const int MostEdits = 3;

    /// <summary>Describes what the serializer met.</summary>
    /// <param name="broken">What it threw.</param>
    /// <param name="root">The type it was reading into.</param>
    /// <param name="document">What it was reading; null when that is not JSON at all.</param>
    /// <param name="reference">Where the keys are documented; null for nowhere.</param>
    public static string Describe(JsonException broken, Type root, JsonNode? document, string? reference = null)
    {
        string path = broken.Path is { Length: > 2 } given ? given[2..] : "";
        if (document is null)
            return $"line {broken.LineNumber + 1}: not valid JSON ({FirstSentences(broken.Message)})";
        string[] keys = [.. Keys(path)];
        if (broken.Message.Contains("could not be mapped", StringComparison.Ordinal))
            return $"unknown key \"{path}\"{(reference is null ? "" : $"; {reference}")}{Nearest(root, keys)}";
        if (broken.Message.Split("including: ") is [_, var missing])
            return $"{(path.Length == 0 ? "" : $"{path}: ")}{missing.Replace('\'', '"').TrimEnd('.').Split(". ")[0]} missing";
        string found = Find(document, keys)?.ToJsonString() ?? "null";
        if (found.Length > LongestExcerpt)
            found = $"{found[..LongestExcerpt]}…";
        return $"{(path.Length == 0 ? "the file" : path)}: {found} found; expected {Expected(TypeAt(root, keys))}";
    }

    /// <summary>Reads JSON of which nothing is yet known; null when it is none.</summary>
    public static JsonNode? Parse(string json, JsonDocumentOptions options)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Paths of the values that are null: a key that says nothing is better left out.</summary>
    public static IEnumerable<string> Nulls(JsonNode? node, string path = "") => node switch
    {
        null => [path],
        JsonObject inner => inner.SelectMany(pair => Nulls(pair.Value, path.Length == 0 ? pair.Key : $"{path}.{pair.Key}")),
        JsonArray list => list.SelectMany((item, i) => Nulls(item, $"{path}[{i}]")),
        _ => [],
    };

    private static string FirstSentences(string message)
        => message.Split(". Path:")[0].Split(" LineNumber")[0].TrimEnd('.').Replace(". ", "; ", StringComparison.Ordinal);

    // layouts.single[0].tensor and acceptance['tool-use'] as keys and indices.
    private static IEnumerable<string> Keys(string path)
        => path.Split(['.', '[', ']', '\''], StringSplitOptions.RemoveEmptyEntries);

    private static JsonNode? Find(JsonNode? node, IEnumerable<string> keys)
    {
        foreach (string key in keys)
        {
            node = node switch
            {
                JsonObject inner => inner.FirstOrDefault(pair => pair.Key.Equals(key, StringComparison.OrdinalIgnoreCase)).Value,
                JsonArray list when int.TryParse(key, out int index) && index < list.Count => list[index],
                _ => null,
            };
        }

        return node;
    }

    private static Type? TypeAt(Type? type, IEnumerable<string> keys)
    {
        foreach (string key in keys)
        {
            type = type is null ? null
                : type.IsArray ? type.GetElementType()
                : type.IsGenericType ? type.GetGenericArguments()[^1]
                : type.GetProperties().FirstOrDefault(property => property.Name.Equals(key, StringComparison.OrdinalIgnoreCase))?.PropertyType;
        }

        return type;
    }

    private static string Expected(Type? type)
    {
        if (type is null)
            return "another kind of value";
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(int) || type == typeof(long))
            return "a whole number";
        if (type == typeof(double))
            return "a number";
        if (type == typeof(bool))
            return "true or false";
        if (type == typeof(string))
            return "text in quotes";
        if (type.IsEnum)
            return $"one of {string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName))}";
        bool list = type.IsArray || (type.IsGenericType && type.GetGenericArguments().Length == 1);
        return list ? "a list in [ ]" : "an object in { }";
    }

    private static string Nearest(Type root, string[] keys)
    {
        Type? owner = TypeAt(root, keys.SkipLast(1));
        string? best = owner?.GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name))
            .MinBy(name => EditDistance.Between(name, keys[^1]));
        return best is not null && EditDistance.Between(best, keys[^1]) <= MostEdits ? $" (did you mean \"{best}\"?)" : "";
    }
}
