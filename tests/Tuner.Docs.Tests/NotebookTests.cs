using System.Globalization;
using System.Reflection;
using SkiaSharp;
using Tuner.Agent.Training;
using Tuner.Env;
using Tuner.Policy;

namespace Tuner.Docs.Tests;

[NonParallelizable]
internal sealed class NotebookTests
{
    private const string Announced = "picture: ";

    /// <summary>What a notebook must have found out at its end.</summary>
    private static readonly Dictionary<string, string> Findings = new()
    {
        ["knobs.ipynb"] = "pays back after",
        ["policy-analysis.ipynb"] = "held-out windows the table says what the policy did",
        ["traffic.ipynb"] = "worth adapting to by their spread: ",
        ["training.ipynb"] = "outcomes of all requests are equal",
    };

    private string folder = "";
    private string before = "";

    public static IEnumerable<string> Names => Notebook.Names;

    // A kernel runs notebooks in their own folder, beside runs/ and policies/.
    [SetUp]
    public void EnterFolder()
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        before = Environment.CurrentDirectory;
        folder = Directory.CreateTempSubdirectory("tuner-notebooks-").FullName;
        Environment.CurrentDirectory = Directory.CreateDirectory(Path.Combine(folder, "notebooks")).FullName;
        Directory.CreateDirectory(Path.Combine(folder, "policies"));
        foreach (string policy in Directory.EnumerateFiles(Path.Combine(Repository.Root, "policies"), "*.tuner"))
            File.Copy(policy, Path.Combine(folder, "policies", Path.GetFileName(policy)));
    }

    [TearDown]
    public void LeaveFolder()
    {
        Environment.CurrentDirectory = before;
        Directory.Delete(folder, recursive: true);
    }

    [TestCaseSource(nameof(Names))]
    public async Task Notebook_AllCellsInOrder_RunAndDraw(string name)
    {
        List<string> printed = await Notebook.Load(name).RunAsync(Session());

        Print(printed);
        Assert.That(printed.Skip(1), Is.All.Not.Empty, "every cell but the first shows something");
        Assert.That(string.Concat(printed), Does.Not.Contain("NaN").And.Contain(Findings[name]));
        string[] pictures = [.. printed.SelectMany(text => text.Split('\n')).Where(line => line.StartsWith(Announced, StringComparison.Ordinal)).Select(line => line[Announced.Length..])];
        Assert.That(pictures, Has.Length.AtLeast(3));
        Assert.That(pictures, Is.Unique);
        foreach (string picture in pictures)
            Assert.That(InkShare(Path.Combine(folder, picture)), Is.InRange(0.005, 0.8), $"share of {picture} that is not paper");
    }

    [Test]
    public async Task PolicyAnalysis_OfAKnownPolicy_ShowsWhatItDoes()
    {
        ExamplePolicy.SpeculationOn().Save(Path.Combine(folder, "runs", "demo", "policy.tuner"));

        string printed = string.Concat(await Notebook.Load("policy-analysis.ipynb").RunAsync(Session()));

        Assert.That(printed, Does.Contain("tuner starts with").And.Contain("1 x speculation=on"));
        Assert.That(printed, Does.Contain("100% of windows, agrees in 100%: always"));
    }

    [TestCaseSource(nameof(Names))]
    public void Twin_OfANotebook_HoldsTheSameCode(string name)
    {
        Notebook notebook = Notebook.Load(name);

        Assert.That(File.ReadAllText(notebook.TwinPath), Is.EqualTo(notebook.Twin), "run the test Refresh to write it anew");
    }

    [TestCaseSource(nameof(Names))]
    public void Twin_AsAProgram_CompilesWithoutAWarning(string name)
    {
        Twin.Compile(Notebook.Load(name).TwinPath, out string[] problems);

        Assert.That(problems, Is.Empty);
    }

    [Test]
    public async Task Twin_AsAProgram_PrintsWhatTheNotebookPrints()
    {
        Notebook notebook = Notebook.Load("traffic.ipynb");
        string cells = string.Concat(await notebook.RunAsync(Session()));

        Assembly program = Twin.Compile(notebook.TwinPath, out _)!;

        Assert.That(Twin.Run(program), Is.EqualTo(cells));
    }

    [TestCaseSource(nameof(Names))]
    public void Notebook_AsStored_NamesKernelAndAssembliesAndHoldsNoOutput(string name)
    {
        Notebook notebook = Notebook.Load(name);

        Assert.That(notebook.Kernel, Is.EqualTo(".net-csharp"));
        string[] built = [.. notebook.References.Where(each => each != "Pictures.cs")];
        Assert.That(built, Is.SubsetOf(new[] { "Policy", "Env", "Agent" }.Select(room => $"../artifacts/bin/Tuner.Cli/release/Tuner.{room}.dll").Append("../artifacts/bin/Tuner.Cli/release/ScottPlot.dll")));
        Assert.That(notebook.References, Does.Contain("Pictures.cs"));
        Assert.That(notebook.IsStripped, Is.True, "run the test Refresh to strip it");
    }

    [TestCaseSource(nameof(Names)), Explicit("writes to notebooks/: strips stored output and writes the twins")]
    public void Refresh(string name) => Notebook.Load(name).Refresh();

    private static ScriptSession Session() => new(typeof(TunerPolicy).Assembly, typeof(ServingEnvironment).Assembly, typeof(PpoTrainer).Assembly, typeof(ScottPlot.Plot).Assembly);

    private static double InkShare(string picture)
    {
        using SKBitmap bitmap = SKBitmap.Decode(picture);
        SKColor[] pixels = bitmap.Pixels;
        return pixels.Count(pixel => pixel != SKColors.White) / (double)pixels.Length;
    }

    private static void Print(IEnumerable<string> printed)
    {
        foreach (string text in printed)
            TestContext.Out.WriteLine(text);
    }
}
