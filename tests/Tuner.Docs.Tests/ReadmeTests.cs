using System.Text.RegularExpressions;
using Tuner.Policy;
using Tuner.Policy.Files;
using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;

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
        SpeculationOn().Save(file);
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

    /// <summary>A policy that has seen all traffic and keeps every knob but one.</summary>
    private static PolicyFile SpeculationOn()
    {
        int inputs = ObservationSchema.FieldCount;
        float[] biases = new float[KnobSpace.LogitCount];
        Prefer(Knob.Parallelism, (int)ParallelismMode.Tensor);
        Prefer(Knob.MaxBatch, (int)LadderMove.Keep);
        Prefer(Knob.BatchWait, (int)LadderMove.Keep);
        Prefer(Knob.Speculation, 1);
        Prefer(Knob.Draft, (int)LadderMove.Keep);
        float[] variance = new float[inputs];
        Array.Fill(variance, 100);
        return new PolicyFile(
            ObservationSchema.Version,
            ObservationSchema.FieldNames,
            KnobSpace.HeadSizes.ToArray(),
            new ObservationNormalizer(new float[inputs], variance, 10),
            new PolicyNetwork([new DenseLayer(new float[inputs * KnobSpace.LogitCount], biases)]),
            new PolicyManifest());

        void Prefer(Knob knob, int value) => biases[KnobSpace.HeadSizes[..(int)knob].ToArray().Sum() + value] = 1;
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();
}
