using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Tuner.Docs.Tests;

/// <summary>A notebook's twin, compiled as the SDK compiles a program of one file.</summary>
internal static class Twin
{
    // What the SDK adds to every program by implicit usings.
    private const string Implicit = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    /// <summary>Compiles a twin beside the file that all of them share.</summary>
    /// <param name="path">The twin.</param>
    /// <param name="errors">What is wrong with it; empty when nothing is.</param>
    /// <returns>The program; null when it does not compile.</returns>
    public static Assembly? Compile(string path, out string[] errors)
    {
        var options = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest).WithFeatures([new("FileBasedProgram", "")]);
        SyntaxTree[] trees = [.. new[] { File.ReadAllText(path), File.ReadAllText(Path.Combine(Notebook.Folder, "Pictures.cs")), Implicit }.Select(text => CSharpSyntaxTree.ParseText(text, options))];
        IEnumerable<MetadataReference> references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(assembly => MetadataReference.CreateFromFile(assembly));
        var program = CSharpCompilation.Create(Path.GetFileNameWithoutExtension(path), trees, references, new CSharpCompilationOptions(OutputKind.ConsoleApplication, optimizationLevel: OptimizationLevel.Release));
        using var image = new MemoryStream();
        errors = [.. program.Emit(image).Diagnostics.Where(each => each.Severity >= DiagnosticSeverity.Warning).Select(each => each.ToString())];
        return errors.Length == 0 ? Assembly.Load(image.ToArray()) : null;
    }

    /// <summary>Runs a program.</summary>
    /// <returns>What it printed.</returns>
    public static string Run(Assembly program)
    {
        TextWriter console = Console.Out;
        using var written = new StringWriter();
        Console.SetOut(written);
        try
        {
            MethodInfo entry = program.EntryPoint!;
            (entry.Invoke(null, [.. entry.GetParameters().Select(_ => Array.Empty<string>())]) as Task)?.GetAwaiter().GetResult();
        }
        finally
        {
            Console.SetOut(console);
        }

        return written.ToString();
    }
}
