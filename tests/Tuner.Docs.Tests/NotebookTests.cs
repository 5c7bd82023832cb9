using System.Globalization;
using Tuner.Env;
using Tuner.Policy;

namespace Tuner.Docs.Tests;

[NonParallelizable]
internal sealed class NotebookTests
{
    private string folder = "";
    private string before = "";

    public static IEnumerable<string> Names => Notebook.Names;

    // Notebooks run in their own folder, and look for runs/ beside it.
    [SetUp]
    public void EnterFolder()
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        before = Environment.CurrentDirectory;
        folder = Directory.CreateTempSubdirectory("tuner-notebooks-").FullName;
        Environment.CurrentDirectory = Directory.CreateDirectory(Path.Combine(folder, "notebooks")).FullName;
    }

    [TearDown]
    public void LeaveFolder()
    {
        Environment.CurrentDirectory = before;
        Directory.Delete(folder, recursive: true);
    }

    [TestCaseSource(nameof(Names))]
    public async Task Notebook_AllCellsInOrder_RunWithoutAPolicyFile(string name)
    {
        List<string> printed = await Notebook.Load(name).RunAsync(Session());

        Print(printed);
        Assert.That(printed.Skip(1), Is.All.Not.Empty, "every cell but the first shows something");
    }

    [Test]
    public async Task PolicyAnalysis_WithAPolicyFile_ShowsTheTuner()
    {
        ExamplePolicy.SpeculationOn().Save(Path.Combine(folder, "runs", "demo", "policy.tuner"));

        List<string> printed = await Notebook.Load("policy-analysis.ipynb").RunAsync(Session());

        Assert.That(string.Concat(printed), Does.Contain("tuner starts with").And.Contain("minute   0.2: speculation=on"));
        Assert.That(printed[^1], Does.Contain("->"));
    }

    [TestCaseSource(nameof(Names))]
    public void Notebook_Header_NamesTheKernelAndBuiltAssemblies(string name)
    {
        Notebook notebook = Notebook.Load(name);

        Assert.That(notebook.Kernel, Is.EqualTo(".net-csharp"));
        Assert.That(notebook.References, Is.EquivalentTo(new[] { "../artifacts/bin/Tuner.Cli/release/Tuner.Policy.dll", "../artifacts/bin/Tuner.Cli/release/Tuner.Env.dll" }));
    }

    [TestCaseSource(nameof(Names)), Explicit("writes to notebooks/: run it to refresh the stored output")]
    public async Task Refresh(string name)
    {
        Environment.CurrentDirectory = Path.Combine(Repository.Root, "notebooks");
        Notebook notebook = Notebook.Load(name);
        notebook.Save(name, await notebook.RunAsync(Session()));
    }

    private static ScriptSession Session() => new(typeof(TunerPolicy).Assembly, typeof(ServingEnvironment).Assembly);

    private static void Print(IEnumerable<string> printed)
    {
        foreach (string text in printed)
            TestContext.Out.WriteLine(text);
    }
}
