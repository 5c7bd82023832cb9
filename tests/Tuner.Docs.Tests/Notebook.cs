using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tuner.Docs.Tests;

/// <summary>A notebook of <c>notebooks/</c>, cell by cell, and the program of one file that says the same.</summary>
internal sealed class Notebook
{
    private readonly string name;
    private readonly JsonObject document;

    private Notebook(string name, JsonObject document) => (this.name, this.document) = (name, document);

    /// <summary>Where the notebooks are.</summary>
    public static string Folder { get; } = Path.Combine(Repository.Root, "notebooks");

    /// <summary>Names of the notebooks.</summary>
    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.ipynb").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    /// <summary>The kernel it asks for.</summary>
    public string Kernel => (string)document["metadata"]!["kernelspec"]!["name"]!;

    /// <summary>The assemblies and files named by <c>#r</c> and <c>#load</c>, as written.</summary>
    public IEnumerable<string> References => CodeCells.SelectMany(Lines).Where(IsDirective).Select(line => line.Split('"')[1]);

    /// <summary>Whether it stores nothing that a run left behind.</summary>
    public bool IsStripped => CodeCells.All(cell => cell["outputs"]!.AsArray().Count == 0 && cell["execution_count"] is null);

    /// <summary>Where its twin is kept.</summary>
    public string TwinPath => Path.Combine(Folder, Path.ChangeExtension(name, ".cs"));

    /// <summary>The same cells as a program of one file: text as comments, code as it stands but for how a kernel finds assemblies.</summary>
    public string Twin
    {
        get
        {
            string file = Path.GetFileName(TwinPath);
            var text = new StringBuilder($"// The cells of {name} as a program, made from it. Run it with: dotnet run -c Release notebooks/{file}\n");
            text.Append("#:project ../src/Tuner.Cli/Tuner.Cli.csproj\n#:property Nullable=disable\n#:property PublishAot=false\n");
            foreach (JsonObject cell in Cells)
            {
                IEnumerable<string> lines = IsCode(cell) ? Lines(cell).Where(line => !IsDirective(line)).SkipWhile(line => line.Length == 0) : Lines(cell).Select(line => $"// {line}".TrimEnd());
                text.Append('\n').AppendJoin('\n', lines).Append('\n');
            }

            return text.ToString();
        }
    }

    private IEnumerable<JsonObject> Cells => document["cells"]!.AsArray().Select(cell => cell!.AsObject());

    private IEnumerable<JsonObject> CodeCells => Cells.Where(IsCode);

    public static Notebook Load(string name) => new(name, JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, name)))!.AsObject());

    /// <summary>Runs every code cell in order.</summary>
    /// <returns>What each printed.</returns>
    public async Task<List<string>> RunAsync(ScriptSession session)
    {
        var printed = new List<string>();
        foreach (JsonObject cell in CodeCells)
        {
            // The session brings the assemblies along; a comment keeps line numbers as the reader sees them.
            printed.Add(await session.RunAsync(Source(cell).Replace("#r ", "// #r ", StringComparison.Ordinal)));
        }

        return printed;
    }

    /// <summary>Takes out what a run left behind, and writes the twin.</summary>
    public void Refresh()
    {
        foreach (JsonObject cell in CodeCells)
            (cell["outputs"], cell["execution_count"]) = (new JsonArray(), null);
        var format = new JsonSerializerOptions { WriteIndented = true, IndentSize = 1, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        File.WriteAllText(Path.Combine(Folder, name), document.ToJsonString(format) + "\n");
        File.WriteAllText(TwinPath, Twin);
    }

    private static bool IsCode(JsonObject cell) => (string)cell["cell_type"]! == "code";

    private static bool IsDirective(string line) => line.StartsWith("#r ", StringComparison.Ordinal) || line.StartsWith("#load ", StringComparison.Ordinal);

    private static string Source(JsonObject cell) => string.Concat(cell["source"]!.AsArray().Select(line => (string)line!));

    private static string[] Lines(JsonObject cell) => Source(cell).Split('\n');
}
