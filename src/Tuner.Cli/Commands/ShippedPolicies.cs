using Tuner.Policy.Files;
using Tuner.Policy.Observations;

namespace Tuner.Cli.Commands;

/// <summary>The trained policies that travel with the tool, each named after its scenario.</summary>
internal static class ShippedPolicies
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "policies");

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names => Directory.Exists(Folder)
        ? [.. Directory.EnumerateFiles(Folder, "*.tuner").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>The path of a policy given by path or by name.</summary>
    /// <exception cref="UserErrorException">There is no such policy.</exception>
    public static string Find(string given)
    {
        if (File.Exists(given))
            return given;
        string shipped = Path.Combine(Folder, $"{given}.tuner");
        if (File.Exists(shipped))
            return shipped;
        string names = Names.Count == 0 ? "none ships with this build" : $"those that ship are {string.Join(", ", Names)}";
        throw new UserErrorException($"{given}: no such policy file ({names}); train one with: tuner train");
    }

    /// <summary>Reads a policy given by path or by name.</summary>
    public static PolicyFile Load(string given) => PolicyFile.Load(Find(given), ObservationSchema.Version, ObservationSchema.FieldNames);
}
