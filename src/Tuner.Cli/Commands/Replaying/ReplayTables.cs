using System.Globalization;
using MathNet.Numerics.Statistics;
using Spectre.Console;
using Tuner.Env.Evaluation.Replaying;

namespace Tuner.Cli.Commands.Replaying;

/// <summary>A replay as a person reads it in a terminal.</summary>
internal static class ReplayTables
{
    public static void Write(IAnsiConsole console, RunReplay replay, TimeSpan elapsed)
    {
        var table = new Table().Border(TableBorder.Simple).Title($"{replay.Measured.Count} requests");
        table.AddColumn("ms");
        foreach (string heading in (string[])["measured", "simulated", "difference"])
            table.AddColumn(new TableColumn(heading).RightAligned());
        foreach (LatencyComparison row in replay.Latencies())
            table.AddRow($"{row.Latency} {row.Statistic}", Text($"{row.MeasuredMs:N1}"), Text($"{row.SimulatedMs:N1}"), Text($"{100 * row.Difference:+0.0;-0.0} %"));
        console.Write(table);

        IReadOnlyList<QueueSample> measured = replay.MeasuredQueue();
        console.WriteLine(Queue("running", [.. measured.Select(sample => sample.Running)], [.. replay.Queue.Select(sample => sample.Running)]));
        console.WriteLine(Queue("waiting", [.. measured.Select(sample => sample.Waiting)], [.. replay.Queue.Select(sample => sample.Waiting)]));
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

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
