using System.Globalization;
using Tuner.Engines.CommandLines;
using Tuner.Engines.Processes;

namespace Tuner.Engines.Tests;

/// <summary>A host in a process of its own that is killed in the middle of a change: the new engine, as soon as it is started, kills the one who started it.</summary>
internal static class DyingHost
{
    /// <summary>Arguments: the actuator's folder, the engine's port.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        (string folder, int port) = (args[0], int.Parse(args[1], CultureInfo.InvariantCulture));
        string script = Path.Combine(folder, "engine.sh");
        await File.WriteAllTextAsync(script, """
            #!/bin/sh
            if [ -e "$TUNER_ENGINE/kill-host" ]; then kill -9 $PPID; fi
            exec dotnet "$@"
            """);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var client = new HttpClient();
        using var actuator = new ProcessActuator(
            new DotnetFlags(new VllmFlags(Example.Setup("--port", $"{port}"))),
            new EngineProcessOptions { Executable = script, Health = new Uri($"http://127.0.0.1:{port}/health"), First = Example.First, Folder = folder },
            client, TimeProvider.System);
        for (bool healthy = false; !healthy;)
        {
            try
            {
                await actuator.ReadBackAsync(default);
                healthy = true;
            }
            catch (InvalidOperationException)
            {
                await Task.Delay(50);
            }
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "kill-host"), "");
        await actuator.ApplyAsync(Example.First with { MaxBatchLevel = 1 }, default);
        return 0;
    }
}
