using PublicApiGenerator;

namespace Tuner.Policy.Tests;

public sealed class PublicApiTests
{
    private static string Approved => Path.Combine(Folder(), "PublicApi.txt");

    [Test]
    public void PublicSurface_IsTheApprovedOne()
    {
        string[] approved = File.ReadAllLines(Approved);
        string[] now = Surface().TrimEnd('\n').Split('\n');
        string[] gone = [.. approved.Except(now)];
        string[] added = [.. now.Except(approved)];

        if (!now.SequenceEqual(approved))
            Assert.Fail($"The public surface of Tuner.Policy changed.\n{Listed("gone", gone)}{Listed("new", added)}If that is meant, accept it: dotnet test tests/Tuner.Policy.Tests -c Release --filter Name=Accept, and commit PublicApi.txt.");
    }

    [Test, Explicit("writes PublicApi.txt: run it to accept a changed public surface")]
    public void Accept() => File.WriteAllText(Approved, Surface());

    private static string Surface()
        => typeof(TunerPolicy).Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n").TrimEnd('\n') + "\n";

    private static string Listed(string what, string[] lines) => lines.Length == 0 ? "" : $"{what}:\n{string.Join('\n', lines)}\n";

    // Looked for from the test's own folder upwards: a deterministic build keeps no source path.
    private static string Folder()
    {
        for (DirectoryInfo? folder = new(TestContext.CurrentContext.TestDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Tuner.sln")))
                return Path.Combine(folder.FullName, "tests", "Tuner.Policy.Tests");
        throw new DirectoryNotFoundException($"no folder above {TestContext.CurrentContext.TestDirectory} holds Tuner.sln");
    }
}
