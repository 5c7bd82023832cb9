using System.Diagnostics;
using Spectre.Console;
using Tuner.Cli.Reporting;
using Tuner.Cli.Reporting.Questions;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Measurement;
using Tuner.Env.Measurement.Tracing;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;

namespace Tuner.Cli.Commands.Simulation;

/// <summary>One run, watched as closely as the files asked for need.</summary>
/// <param name="Result">What happened.</param>
/// <param name="Elapsed">Wall-clock time of the run; writing its trace file is part of it.</param>
/// <param name="Log">What each request went through, if anybody asked.</param>
/// <param name="Timeline">Where time went, if anybody asked.</param>
internal sealed record SimulationRun(RunResult Result, TimeSpan Elapsed, RequestLog? Log, RunTimeline? Timeline)
{
    private const double TimelineBinSeconds = 10;

    /// <summary>Runs one trace. Its trace file is complete when this ends, also when it is interrupted.</summary>
    public static SimulationRun Of(IAnsiConsole console, EngineCostCache costs, TrafficTrace trace, KnobSchedule schedule, SimulationFiles files, CancellationToken cancellation)
    {
        RequestLog? log = files.Requests is null && files.Plots is null ? null : new RequestLog(trace.Count);
        RunTimeline? timeline = files.Plots is null ? null : new RunTimeline(TimelineBinSeconds);
        long began = Stopwatch.GetTimestamp();
        RunResult result;
        using (ChromeTrace? events = files.Trace is null ? null : new ChromeTrace(files.Trace, costs.Scenario, trace, schedule.Start))
        {
            IClusterObserver[] watching = [.. new IClusterObserver?[] { log, timeline, events }.OfType<IClusterObserver>()];
            IClusterObserver? observer = watching.Length == 0 ? null : new ObserverGroup(watching);
            result = LateProgress.Run(console, $"simulating {trace.Name}", progress => ScheduledRun.Run(costs, trace, schedule, observer, progress, cancellation: cancellation));
        }

        return new SimulationRun(result, Stopwatch.GetElapsedTime(began), log, timeline);
    }

    /// <summary>Writes the files that are made when the run is over, and says what is where.</summary>
    public void Write(IAnsiConsole console, Scenario scenario, KnobSchedule schedule, SimulationFiles files)
    {
        if (files.Trace is { } trace)
            Say(console, trace, FormattableString.Invariant($"{new FileInfo(trace).Length / 1e6:0.0} MB, opens in https://ui.perfetto.dev"));
        if (files.Requests is { } requests)
        {
            RequestsCsv.Write(requests, Result, Log!);
            Say(console, requests, $"{Result.Outcomes.Count} requests");
        }

        if (files.Windows is { } windows)
        {
            WindowsCsv.Write(windows, scenario.Knobs, Result);
            Say(console, windows, $"{Result.Windows.Count} windows");
        }

        if (files.Plots is { } folder)
        {
            long began = Stopwatch.GetTimestamp();
            int pictures = QuestionPlots.Save(folder, new WatchedRun(scenario, schedule, Result, Log!, Timeline!));
            Say(console, folder, FormattableString.Invariant($"{pictures} pictures as PNG and SVG, drawn in {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s"));
        }
    }

    private static void Say(IAnsiConsole console, string path, string what) => console.WriteLine($"{path}: {what}");
}
