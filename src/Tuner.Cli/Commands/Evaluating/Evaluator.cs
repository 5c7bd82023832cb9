using Spectre.Console;
using Tuner.Cli.Commands.Training;
using Tuner.Cli.Reporting;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;

namespace Tuner.Cli.Commands.Evaluating;

/// <summary>Measures what a request asks for, and writes it down.</summary>
internal static class Evaluator
{
    private const string StaticBest = "static-best";

    public static void Run(EvaluationRequest request, IAnsiConsole console, CancellationToken cancellation)
    {
        Evaluation found = Measure(request, cancellation);
        ResultTable.Write(console, found.Rows);
        foreach (string sentence in Verdict.Sentences(found.Rows, found.Scenario, found.Scales, found.Seed))
            console.WriteLine(sentence);
        SheetTables.Write(console, found);
        string text = EvaluationJson.Many(found);
        Shared.WriteFile(Path.Combine(request.Folder, "evaluation.json"), text);
        if (request.Json is { } json)
            Shared.WriteFile(json, text);
        string report = Path.Combine(request.Folder, "report.html");
        Shared.WriteFile(report, HtmlReport.Write(found));
        console.WriteLine($"report: {report}");
    }

    private static Evaluation Measure(EvaluationRequest request, CancellationToken cancellation)
    {
        EngineCostCache costs = request.Costs;
        Scenario scenario = costs.Scenario;
        var comparison = new Comparison(costs, request.Seed, cancellation);
        TrafficTrace training = TrafficTrace.Joined(request.Training);
        var rivals = new Rivals(costs, training, request.Seed, cancellation);
        PolicyContender[] seeds = [.. request.Files.Select(file => new PolicyContender(costs, () => Trainer.Load(scenario, file), Trainer.StartOf(scenario, file)))];
        PolicyContender tuner = seeds[0];
        var service = new EqualService(costs, training, request.Seed, cancellation);
        var scales = new Dictionary<string, double>();
        var rows = new List<EvaluationRow>();
        var loads = new List<(string Policy, string Traffic, double Load)>();
        var equal = new List<EqualServiceRow>();
        var ablation = new List<DifferenceRow>();
        var robustness = new List<DifferenceRow>();
        foreach (TrafficTrace test in request.Tests)
        {
            double scale = request.Scale is { } given ? SimulateCommand.RateScale(given) : comparison.AutomaticScale(test);
            scales[test.Name] = scale;
            List<PolicyContender> contenders = [.. rivals.For(request.Rivals, test), tuner];
            List<EvaluationRow> own = comparison.Run(test, scale, contenders, request.Sustained);
            if (request.Rivals.Contains(Rivals.Oracle))
                own.Insert(own.Count - 1, comparison.RunOracle(test, scale, rivals.Choices, own, request.Sustained));
            rows.AddRange(own);
            loads.AddRange(own.Where(row => row.SustainedLoad is not null).Select(row => (row.Policy, test.Name, row.SustainedLoad!.Value)));
            if (request.Sustained)
                loads.AddRange(comparison.Loads(test, [.. seeds.Skip(1)], own[^1].SustainedLoad!.Value).Select(load => (tuner.Name, test.Name, load)));
            PolicyContender? best = contenders.Find(contender => contender.Name == StaticBest);
            if (request.Sustained && best is not null && own.Find(row => row.Policy == StaticBest)!.SustainedLoad is > 0 and { } load)
                equal.Add(service.Measure(test, (tuner, own[^1].SustainedLoad!.Value), (best, load)));
            TrafficTrace scaled = test.Scaled(scale, request.Seed);
            if (request.Ablate)
                ablation.AddRange(LiveProgress.Run("taking knobs away", _ => KnobAblation.Run(tuner, scaled, own[^1].Run, request.Seed, cancellation)));
            if (request.Robustness)
                robustness.AddRange(LiveProgress.Run("disturbing", _ => RobustnessSheet.Run([rivals.For([StaticBest], test)[0], .. contenders.Where(contender => contender.Name is "reactive" or "tuner")], scaled, request.Seed, cancellation)));
        }

        return new Evaluation(scenario, request.Files[0].Manifest, rows, scales, request.Seed)
        {
            Summary = SummaryRow.Of(loads, request.Seed),
            Equal = equal,
            Ablation = ablation,
            Robustness = robustness,
            History = request.History,
        };
    }
}
