namespace Tuner.Env.Scenarios;

/// <summary>The configuration files that travel inside this assembly.</summary>
public static class ShippedConfig
{
    private const string Root = "configs/";

    /// <summary>Names of the shipped files of a folder, without extension: <c>scenarios</c>, <c>models</c>, <c>hardware</c>.</summary>
    public static IReadOnlyList<string> Names(string folder)
    {
        string prefix = $"{Root}{folder}/";
        return [.. typeof(ShippedConfig).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(name => Path.GetFileNameWithoutExtension(name))
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>The text of a shipped file; null when there is none of that name.</summary>
    public static string? Read(string folder, string name)
    {
        string file = folder.Length == 0 ? name : $"{folder}/{name}";
        using Stream? stream = typeof(ShippedConfig).Assembly.GetManifestResourceStream($"{Root}{file}.json");
        if (stream is null)
            return null;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
