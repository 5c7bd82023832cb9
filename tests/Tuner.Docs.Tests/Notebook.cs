using System.Text.Json.Nodes;

namespace Tuner.Docs.Tests;

/// <summary>A notebook of <c>notebooks/</c>: its code, cell by cell, and what the cells printed.</summary>
internal sealed class Notebook
{
    private readonly JsonObject document;

    private Notebook(JsonObject document) => this.document = document;

    /// <summary>Names of the notebooks.</summary>
    public static IEnumerable<string> Names => Directory.EnumerateFiles(Path.Combine(Repository.Root, "notebooks"), "*.ipynb").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    /// <summary>The kernel it asks for.</summary>
    public string Kernel => (string)document["metadata"]!["kernelspec"]!["name"]!;

    private IEnumerable<JsonObject> CodeCells => document["cells"]!.AsArray().Select(cell => cell!.AsObject()).Where(cell => (string)cell["cell_type"]! == "code");

    /// <summary>The assemblies named by <c>#r</c>, as written.</summary>
    public IEnumerable<string> References => Lines().Where(line => line.StartsWith("#r ", StringComparison.Ordinal)).Select(line => line[3..].Trim().Trim('"'));

    public static Notebook Load(string name) => new(JsonNode.Parse(File.ReadAllText(PathOf(name)))!.AsObject());

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

    /// <summary>Stores what the cells printed.</summary>
    public void Save(string name, IReadOnlyList<string> printed)
    {
        int count = 0;
        foreach (JsonObject cell in CodeCells)
        {
            string text = printed[count++];
            cell["execution_count"] = count;
            cell["outputs"] = text.Length == 0 ? [] : new JsonArray(new JsonObject
            {
                ["name"] = "stdout",
                ["output_type"] = "stream",
                ["text"] = new JsonArray([.. text.Split('\n').SkipLast(1).Select(line => (JsonNode)(line + "\n"))]),
            });
        }

        var format = new System.Text.Json.JsonSerializerOptions { WriteIndented = true, IndentSize = 1, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        File.WriteAllText(PathOf(name), document.ToJsonString(format) + "\n");
    }

    private static string PathOf(string name) => Path.Combine(Repository.Root, "notebooks", name);

    private static string Source(JsonObject cell) => string.Concat(cell["source"]!.AsArray().Select(line => (string)line!));

    private IEnumerable<string> Lines() => CodeCells.SelectMany(cell => Source(cell).Split('\n'));
}
