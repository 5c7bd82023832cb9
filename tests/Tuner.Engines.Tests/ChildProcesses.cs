namespace Tuner.Engines.Tests;

/// <summary>The entry point: what this assembly does when a test starts it as a process of its own.</summary>
internal static class ChildProcesses
{
    public static Task<int> Main(string[] args) => args[0] switch
    {
        "engine" => ChildEngine.RunAsync(args[1..]),
        "dying-host" => DyingHost.RunAsync(args[1..]),
        _ => LoopHost.RunAsync(args[1..]),
    };
}
