using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Tuner.Kernels.Compilation;

/// <summary>The kernels' CUDA C, which this assembly carries.</summary>
public static class KernelSources
{
    private const string Prefix = "Tuner.Kernels.Sources.";

    /// <summary>Everything a source may include, by name.</summary>
    public static IReadOnlyDictionary<string, string> Headers { get; } = Read(".cuh");

    /// <summary>The sources, by name.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = Read(".cu");

    /// <summary>What a kernel is compiled from, headers and defines included, as 16 hexadecimal digits: another hash, another kernel.</summary>
    public static string HashOf(KernelSpec kernel)
    {
        var text = new StringBuilder(All[kernel.Source]);
        foreach ((string name, string header) in Headers.OrderBy(header => header.Key, StringComparer.Ordinal))
            text.Append(name).Append(header);
        text.AppendJoin(' ', DefinesOf(kernel));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
    }

    /// <summary>A kernel's defines as the compiler takes them.</summary>
    internal static IEnumerable<string> DefinesOf(KernelSpec kernel) =>
        [$"-DENTRY={kernel.Entry}", .. kernel.Defines.OrderBy(define => define.Key, StringComparer.Ordinal).Select(define => string.Create(CultureInfo.InvariantCulture, $"-D{define.Key}={define.Value}"))];

    private static SortedDictionary<string, string> Read(string extension)
    {
        Assembly assembly = typeof(KernelSources).Assembly;
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(extension, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            files[resource[Prefix.Length..]] = reader.ReadToEnd().ReplaceLineEndings("\n");
        }

        return files;
    }
}
