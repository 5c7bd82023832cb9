using System.CommandLine;
using Spectre.Console;
using Tuner.Cli.Commands.RealTime;
using Tuner.Env.Cluster;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands;

/// <summary><c>tuner engine</c>: the simulated cluster in real time, behind the metrics page, health check and admin endpoint of a real engine.</summary>
internal static class EngineCommand
{
    private const double RepeatedSeconds = 24 * 3600;
    private const int RepeatedRequests = 200_000;

    public static Command Create(IAnsiConsole console)
    {
        Option<string> scenario = Shared.Scenario();
        Option<string> traffic = new("--traffic") { Description = "A trace file or synthetic preset; it begins anew when it ends.", Required = true };
        Option<int> port = new("--port") { Description = "The port to serve on, on this machine alone.", DefaultValueFactory = _ => 8000 };
        Option<double> speed = new("--speed") { Description = "Simulated seconds a second.", DefaultValueFactory = _ => 1 };
        Option<string> like = new("--like") { Description = "Whose metrics page to serve.", DefaultValueFactory = _ => "vllm" };
        like.AcceptOnlyFromAmong("vllm");
        Option<string?> set = new("--set") { Description = "Knobs to change from the default: parallelism=single,max-batch=128,speculation=on" };
        Option<double> scale = new("--rate-scale") { Description = "Multiple of the trace's rate.", DefaultValueFactory = _ => 1 };
        Option<ulong> seed = Shared.Seed();
        var command = new Command("engine", "Run the simulated cluster in real time, as an engine to read and turn over HTTP.") { scenario, traffic, port, speed, like, set, scale, seed };
        command.SetAction(async (parsed, cancellation) =>
        {
            double pace = parsed.GetValue(speed);
            if (!(pace is > 0 and <= 10_000))
                throw new UserErrorException($"--speed is {pace}; expected simulated seconds a second, above 0 and at most 10000.");
            int at = parsed.GetValue(port);
            if (at is < 1 or > 65535)
                throw new UserErrorException($"--port is {at}; expected 1 to 65535.");
            EngineCostCache costs = Shared.Load(parsed.GetValue(scenario)!);
            KnobSettings settings = SimulateCommand.Settings(costs.Scenario, parsed.GetValue(set));
            double factor = SimulateCommand.RateScale(parsed.GetValue(scale));
            ulong runSeed = parsed.GetValue(seed);
            TrafficTrace trace = Repeated(Shared.LoadTraffic([parsed.GetValue(traffic)!], runSeed)[0].Scaled(factor, runSeed));
            var engine = new LiveEngine(costs, trace, settings, pace, runSeed, TimeProvider.System);
            using var server = new EngineServer(engine, at);
            console.WriteLine(FormattableString.Invariant($"{costs.Scenario.Name} serves {trace.Name} at {pace:0.##} × real time on http://127.0.0.1:{at}: /metrics, /health, /admin/settings. Ctrl-C ends it."));
            console.WriteLine(KnobText.Write(costs.Scenario.Knobs, settings));
            await Task.WhenAll(engine.RunAsync(cancellation), server.RunAsync(cancellation));
            console.WriteLine(FormattableString.Invariant($"Ended after {engine.NowSeconds:0} simulated seconds and {engine.Requests} requests."));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>The trace end to end, until it lasts a day or holds 200 000 requests.</summary>
    private static TrafficTrace Repeated(TrafficTrace trace)
    {
        double length = Math.Max(1, trace.DurationSeconds);
        int times = (int)Math.Max(1, Math.Min(RepeatedSeconds / length, RepeatedRequests / (double)trace.Count));
        IEnumerable<InferenceRequest> requests = Enumerable.Range(0, times)
            .SelectMany(time => trace.Requests().Select(request => request with { ArrivalSeconds = request.ArrivalSeconds + (time * length) }));
        return TrafficTrace.Of(trace.Name, [.. requests], times * length);
    }
}
