using System.Diagnostics;

namespace Tuner.Packages.Tests;

/// <summary>Runs the .NET command line as a person would, away from the build that started these tests.</summary>
internal static class Dotnet
{
    /// <summary>Runs a command and fails the test when it fails.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="arguments">What follows <c>dotnet</c>.</param>
    public static async Task RunAsync(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)))
            start.Environment.Remove(name);
        // Servers that outlive the command would keep its output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero, $"dotnet {string.Join(' ', arguments)}\n{await output}\n{await errors}");
    }
}
