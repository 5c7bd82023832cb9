using System.Text.RegularExpressions;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Docs.Tests;

[NonParallelizable]
internal sealed partial class ReadmeTests
{
    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("tuner-readme-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public async Task Embedding_CopiedIntoAProgram_DecidesWithTunerPolicyAlone()
    {
        string file = Path.Combine(folder, "policy.tuner");
        ExamplePolicy.SpeculationOn().Save(file);
        string code = Snippet().Replace("\"policy.tuner\"", $"@\"{file}\"", StringComparison.Ordinal);
        var program = new ScriptSession(typeof(TunerPolicy).Assembly);

        await program.RunAsync(code);

        var current = program.Variable<KnobSettings>("current");
        Assert.That(current.Speculation, Is.False);
        Assert.That(program.Variable<KnobSettings>("next"), Is.EqualTo(current with { Speculation = true }));
    }

    private static string Snippet()
    {
        MatchCollection blocks = Blocks().Matches(File.ReadAllText(Path.Combine(Repository.Root, "README.md")));
        Assert.That(blocks, Has.Count.EqualTo(1), "one block of C# is shown");
        string code = blocks[0].Groups[1].Value;
        Assert.That(code, Does.Contain("\"policy.tuner\""));
        return code;
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();
}
