using System.Globalization;
using MathNet.Numerics.Statistics;
using Spectre.Console;
using Tuner.Env.Costs;
using Tuner.Env.Evaluation.Replaying;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands.Replaying;

/// <summary>A replay as a person reads it in a terminal.</summary>
internal static class ReplayTables
{
    /// <summary>The engine that is simulated, and what the record says otherwise.</summary>
    public static void WriteEngine(IAnsiConsole console, Scenario scenario, KnobSettings settings, EngineRunNotes notes)
    {
        BatchRung batch = scenario.Knobs.BatchLadder[settings.MaxBatchLevel];
        PoolSpec pool = scenario.LayoutOf(settings.Parallelism).Pools[0];
        MemoryPlan plan = scenario.PlanFor(pool, settings);
        (string Kind, int Count)[] split = [("replicas", pool.Replicas), ("tensor", pool.TensorParallel), ("pipeline", pool.PipelineParallel), ("data", pool.DataParallel), ("expert", pool.ExpertParallel)];
        string gpus = string.Join(", ", split.Where(part => part.Count > 1).Select(part => $"{part.Kind} {part.Count}").DefaultIfEmpty("one GPU"));
        string weights = settings.Precision == PrecisionMode.Fp8Fp4 ? "4-bit feed-forward" : scenario.Weights == KernelPrecision.Bf16 ? "16-bit" : "8-bit";
        console.WriteLine(Text($"{scenario.Model.Name} on {scenario.Hardware.Name} ({gpus}), {weights} weights, {(settings.KvCompression ? 8 : 16)}-bit KV cache of {plan.KvTokens:N0} tokens, {batch.Sequences} sequences, {batch.TokenBudget:N0} tokens a step"));
        string name = notes.Model?.Split('/')[^1] ?? "";
        if (name.Length > 0 && !name.Contains(scenario.Model.Name, StringComparison.OrdinalIgnoreCase))
            console.WriteLine($"meta.json: the run served {notes.Model}; simulated is {scenario.Model.Name}.");
    }

    public static void Write(IAnsiConsole console, RunReplay replay, TimeSpan elapsed)
    {
        var table = new Table().Border(TableBorder.Simple).Title($"{replay.Measured.Count} requests");
        table.AddColumn("ms");
        foreach (string heading in (string[])["measured", "simulated", "difference"])
            table.AddColumn(new TableColumn(heading).RightAligned());
        foreach (LatencyComparison row in replay.Latencies())
            table.AddRow($"{row.Latency} {row.Statistic}", Text($"{row.MeasuredMs:N1}"), Text($"{row.SimulatedMs:N1}"), Signed(row.Difference));
        console.Write(table);

        IReadOnlyList<QueueSample> measured = replay.MeasuredQueue;
        console.WriteLine(Queue("running", [.. measured.Select(sample => sample.Running)], [.. replay.Queue.Select(sample => sample.Running)]));
        console.WriteLine(Queue("waiting", [.. measured.Select(sample => sample.Waiting)], [.. replay.Queue.Select(sample => sample.Waiting)]));
        if (measured.Any(sample => sample.KvUse > 0))
            console.WriteLine(Kv([.. measured.Zip(replay.Queue).Where(pair => pair.First.KvUse is not null)]));
        int refused = replay.Simulated.Count(outcome => !outcome.Completed);
        if (refused > 0)
            console.WriteLine($"{refused} requests were turned away in the simulation ({string.Join(", ", replay.Simulated.Where(outcome => !outcome.Completed).Select(outcome => outcome.Ending).Distinct())}) and are left out.");
        console.WriteLine(Text($"{replay.Preemptions} preemptions simulated; {replay.Measured[^1].QueuedSeconds:0} s of arrivals in {elapsed.TotalSeconds:0.000} s."));
    }

    private static string Queue(string what, double[] measured, double[] simulated)
    {
        double apart = measured.Zip(simulated, (one, two) => Math.Abs(one - two)).Mean();
        double correlation = Correlation.Pearson(measured, simulated);
        return Text($"{what}, once a second: {apart:0.0} apart on average, most {measured.Max():0} measured and {simulated.Max():0} simulated") + (double.IsFinite(correlation) ? Text($", correlation {correlation:0.000}") : "");
    }

    private static string Kv((QueueSample Measured, QueueSample Simulated)[] samples)
    {
        double[] measured = [.. samples.Select(pair => 100 * pair.Measured.KvUse!.Value)];
        double[] simulated = [.. samples.Select(pair => 100 * pair.Simulated.KvUse!.Value)];
        return Text($"KV cache in use: {measured.Zip(simulated, (one, two) => Math.Abs(one - two)).Mean():0.0} points apart on average, most {measured.Max():0} % measured and {simulated.Max():0} % simulated, correlation {Correlation.Pearson(measured, simulated):0.000}");
    }

    // Rounded first: what rounds to nothing has no sign.
    private static string Signed(double share) => Text($"{Math.Round(100 * share, 1) + 0:+0.0;-0.0;0.0} %");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
