using System.Diagnostics;
using FsCheck;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using Tuner.Env.Fuzzing;

namespace Tuner.Bench;

/// <summary>Counts what was checked, says how far it is, and keeps the smallest failing case.</summary>
internal sealed class FuzzRunner(int cases) : IRunner
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Stopwatch sinceReport = Stopwatch.StartNew();

    public int Passed { get; private set; }

    public long Requests { get; private set; }

    public long Changes { get; private set; }

    public FuzzCase? Counterexample { get; private set; }

    public string Reason { get; private set; } = "";

    /// <summary>Checks one case; one that does not come back within a minute fails too.</summary>
    public void Check(FuzzCase drawn)
    {
        Task<ClusterRun> run = Task.Run(() => ClusterProperties.Check(drawn));
        if (!((IAsyncResult)run).AsyncWaitHandle.WaitOne(Patience))
            throw new TimeoutException($"The case did not end within {Patience.TotalSeconds} s.");
        ClusterRun ended = run.GetAwaiter().GetResult();
        if (Counterexample is not null || Reason.Length > 0)
            return;
        Passed++;
        Requests += ended.Trace.Count;
        Changes += ended.Changes;
        if (sinceReport.Elapsed < Every)
            return;
        sinceReport.Restart();
        Console.WriteLine($"{Passed} of {cases}");
    }

    void IRunner.OnStartFixture(Type t)
    {
    }

    void IRunner.OnArguments(int ntest, FSharpList<object> args, FSharpFunc<int, FSharpFunc<FSharpList<object>, string>> every)
    {
    }

    void IRunner.OnShrink(FSharpList<object> args, FSharpFunc<FSharpList<object>, string> everyShrink) => Reason = "shrinking";

    void IRunner.OnFinished(string name, TestResult result)
    {
        if (result is not TestResult.Failed failed)
            return;
        Counterexample = (FuzzCase)failed.Item3.Head;
        Reason = failed.Item4 is Outcome.Failed thrown ? thrown.Item.ToString() : failed.Item4.ToString();
    }
}
