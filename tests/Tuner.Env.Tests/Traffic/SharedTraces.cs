using System.IO.Compression;

namespace Tuner.Env.Tests.Traffic;

/// <summary>The real traces, which lie in a folder beside the checkout where there is one.</summary>
internal static class SharedTraces
{
    public static Func<Stream> Open(string file)
    {
        for (DirectoryInfo? at = new(TestContext.CurrentContext.TestDirectory); at is not null; at = at.Parent)
        {
            string path = Path.Combine(at.FullName, "shared", "traces", file);
            if (File.Exists(path))
                return () => file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(File.OpenRead(path), CompressionMode.Decompress) : File.OpenRead(path);
        }

        Assert.Ignore($"{file} is not here: no shared/traces folder beside the checkout.");
        throw new InvalidOperationException();
    }
}
