using System.IO.Compression;

namespace Tuner.Bench;

/// <summary>Sizes of the packages in a folder.</summary>
internal static class PackageSizesRun
{
    public static int Run(string folder)
    {
        string[] packages = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.nupkg").Order(StringComparer.Ordinal)] : [];
        if (packages.Length == 0)
        {
            Console.Error.WriteLine($"{folder}: no packages there; make them with dotnet pack eng/packages.slnf -c Release.");
            return 2;
        }

        foreach (string path in packages)
        {
            using ZipArchive package = ZipFile.OpenRead(path);
            Console.WriteLine($"{Path.GetFileName(path),-32} {new FileInfo(path).Length / 1e6,9:0.000} MB, unpacked {package.Entries.Sum(entry => entry.Length) / 1e6,9:0.000} MB");
        }

        return 0;
    }
}
