using System.Text.Json;
using Tuner.Env.Costs;

namespace Tuner.Env.Scenarios;

/// <summary>Finds models and hardware by file or by the name they ship under.</summary>
public static class ProfileCatalog
{
    private static readonly string[] Variants = ["-instruct", "-fp8", "-fp4", "-nvfp4", "-it", "-hf", "-chat"];

    /// <summary>Loads a model: a Hugging Face <c>config.json</c>, a shipped name, or its name on a hub (<c>meta-llama/Llama-3.1-8B-Instruct</c>).</summary>
    /// <exception cref="ScenarioFormatException">There is no such model, or its file lacks something.</exception>
    public static ModelSpec Model(string name)
    {
        if (File.Exists(name))
            return ModelFile.Parse(Path.GetFileName(name), File.ReadAllText(name));
        string plain = Plain(name);
        return ShippedConfig.Read("models", plain) is { } json
            ? ModelFile.Parse(plain, json)
            : throw new ScenarioFormatException($"model \"{name}\": neither a config.json nor shipped; shipped are {string.Join(", ", ShippedConfig.Names("models"))}.");
    }

    /// <summary>Loads a hardware profile: a file, or a shipped name (<c>h200</c>, also <c>h200_sxm</c>).</summary>
    /// <exception cref="ScenarioFormatException">There is no such profile, or its file is wrong.</exception>
    public static HardwareProfile Hardware(string name)
    {
        string? json = File.Exists(name) ? File.ReadAllText(name) : ShippedConfig.Read("hardware", name.ToLowerInvariant().Replace("_sxm", "", StringComparison.Ordinal));
        if (json is null)
            throw new ScenarioFormatException($"hardware \"{name}\": neither a file nor shipped; shipped are {string.Join(", ", ShippedConfig.Names("hardware"))}.");
        try
        {
            return HardwareFile.Parse(json);
        }
        catch (JsonException wrong)
        {
            throw new ScenarioFormatException($"hardware {name}: {wrong.Message.TrimEnd('.')}.");
        }
    }

    private static string Plain(string name)
    {
        string plain = name[(name.LastIndexOf('/') + 1)..].ToLowerInvariant();
        for (bool shorter = true; shorter;)
        {
            shorter = false;
            foreach (string variant in Variants)
            {
                if (!plain.EndsWith(variant, StringComparison.Ordinal))
                    continue;
                plain = plain[..^variant.Length];
                shorter = true;
            }
        }

        return plain;
    }
}
