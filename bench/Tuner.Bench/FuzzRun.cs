using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using Tuner.Env.Fuzzing;

namespace Tuner.Bench;

/// <summary>Random scenarios, traffic and actions against the simulated cluster, as many as asked for; the first failure is shrunk and kept.</summary>
internal static class FuzzRun
{
    private const string CounterexampleFile = "fuzz-counterexample.json";

    /// <summary>Checks a number of cases.</summary>
    /// <returns>0 when all hold, else 1.</returns>
    public static int Run(int cases, ulong seed)
    {
        var runner = new FuzzRunner(cases);
        long started = Stopwatch.GetTimestamp();
        Check.One(
            Config.Quick.WithMaxTest(cases).WithReplay(new Replay(new Rnd(seed), null)).WithRunner(runner),
            Prop.ForAll(CaseGenerator.Arbitrary, runner.Check));
        Console.WriteLine($"{runner.Passed} of {cases} cases held (seed {seed}): {runner.Requests} requests, {runner.Changes} changes of settings, {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s");
        if (runner.Counterexample is not { } found)
            return 0;
        File.WriteAllText(CounterexampleFile, found.ToString());
        Console.WriteLine($"{found}\n\nfailed: {runner.Reason}\n\n{CounterexampleFile} holds the case; give its name instead of a number to repeat it");
        return 1;
    }

    /// <summary>Checks one case that was kept.</summary>
    /// <returns>0 when it holds, else 1.</returns>
    public static int Repeat(string file)
    {
        try
        {
            ClusterRun run = ClusterProperties.Check(FuzzCase.Parse(File.ReadAllText(file)));
            Console.WriteLine($"{file} holds: {run.Trace.Count} requests, {run.Changes} changes of settings");
            return 0;
        }
        catch (Exception failure) when (failure is not IOException)
        {
            Console.WriteLine(failure);
            return 1;
        }
    }
}
