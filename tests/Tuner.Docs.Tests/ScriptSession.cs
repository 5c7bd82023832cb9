using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace Tuner.Docs.Tests;

/// <summary>Runs C# piece after piece, as a notebook's cells or a program of one file; later pieces see what earlier ones declared.</summary>
/// <param name="rooms">The assemblies the code may use beside the base library.</param>
internal sealed class ScriptSession(params Assembly[] rooms)
{
    // What every new project has by implicit usings.
    private static readonly string[] Implicit = ["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Threading", "System.Threading.Tasks"];

    private ScriptState<object>? state;

    /// <summary>Compiles and runs one piece of code.</summary>
    /// <returns>What it wrote to the console.</returns>
    /// <exception cref="CompilationErrorException">It does not compile.</exception>
    public async Task<string> RunAsync(string code)
    {
        TextWriter console = Console.Out;
        using var written = new StringWriter();
        Console.SetOut(written);
        try
        {
            state = state is null
                ? await CSharpScript.RunAsync(code, ScriptOptions.Default.WithReferences([.. BaseLibrary(), .. rooms.Distinct().Select(room => MetadataReference.CreateFromFile(room.Location))]).WithImports(Implicit).WithSourceResolver(ScriptSourceResolver.Default.WithBaseDirectory(Notebook.Folder)))
                : await state.ContinueWithAsync(code);
        }
        finally
        {
            Console.SetOut(console);
        }

        return written.ToString();
    }

    /// <summary>The value of a variable the code declared.</summary>
    public T Variable<T>(string name) => (T)state!.GetVariable(name).Value;

    private static IEnumerable<MetadataReference> BaseLibrary()
    {
        string folder = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        return ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => path.StartsWith(folder, StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path));
    }
}
