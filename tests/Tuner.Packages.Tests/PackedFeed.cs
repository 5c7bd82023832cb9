using Tuner.Docs.Tests;

namespace Tuner.Packages.Tests;

/// <summary>The libraries' packages, packed once from what was built with these tests.</summary>
[SetUpFixture]
internal sealed class PackedFeed
{
    /// <summary>A folder of these tests' own.</summary>
    public static string Work { get; private set; } = "";

    /// <summary>Where the sample looks for Tuner's packages.</summary>
    public static string Folder => Path.Combine(Sample, "feed");

    /// <summary>A copy of the sample, outside the working tree and its build.</summary>
    public static string Sample => Path.Combine(Work, "samples", "GatewaySample");

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Name == "debug" ? "Debug" : "Release";

    [OneTimeSetUp]
    public async Task PackAsync()
    {
        Work = Directory.CreateTempSubdirectory("tuner-packages-").FullName;
        Copy("samples/GatewaySample");
        Copy("policies");
        await Dotnet.RunAsync(Repository.Root, new Dictionary<string, string>(), "pack", "eng/libraries.slnf", "-c", Configuration, "--no-build", "-o", Folder, "-nologo", "-v", "quiet");
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(Work, recursive: true);

    private static void Copy(string folder)
    {
        Directory.CreateDirectory(Path.Combine(Work, folder));
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder)))
            File.Copy(file, Path.Combine(Work, folder, Path.GetFileName(file)));
    }
}
