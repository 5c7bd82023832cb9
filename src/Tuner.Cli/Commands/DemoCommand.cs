using System.CommandLine;
using Spectre.Console;
using Tuner.Cli.Commands.Evaluating;
using Tuner.Cli.Commands.Training;
using Tuner.Cli.Reporting;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Rewards;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Files;
using Tuner.Policy.Observations;

namespace Tuner.Cli.Commands;

/// <summary><c>tuner demo</c>: train small, compare, write <c>runs/demo</c>.</summary>
internal static class DemoCommand
{
    private const string ScenarioName = "llama70b-8xb200";
    private const string TrafficName = "mixed-day";
    private const long Steps = 61_440;

    public static Command Create()
    {
        Option<string> folder = new("--out") { Description = "Where results go.", DefaultValueFactory = _ => Path.Combine("runs", "demo") };
        Option<long> steps = new("--steps") { Description = "Decision windows to train on.", DefaultValueFactory = _ => Steps };
        Option<ulong> seed = Shared.Seed();
        var command = new Command("demo", "Train a small policy on bundled traffic, compare it with its rivals on another day, write runs/demo.") { folder, steps, seed };
        command.SetAction((parsed, cancellation) =>
        {
            string output = parsed.GetValue(folder)!;
            Shared.RequireWritableFolder(output);
            ulong runSeed = parsed.GetValue(seed);
            EngineCostCache costs = Shared.Load(ScenarioName);
            TrafficTrace training = TrafficTrace.Load(TrafficCatalog.Open(TrafficName, runSeed));
            TrafficTrace test = TrafficTrace.Load(TrafficCatalog.Open(TrafficName, runSeed + 1000)).Slice(0, 3600);
            if (ShippedPolicies.Names.Contains(ScenarioName))
                ShowShipped(costs, test, runSeed, cancellation);
            AnsiConsole.WriteLine($"{ScenarioName}: training on synthetic days of mixed traffic, judging on other days (small training: see docs/training.md for a full one)");
            var request = new TrainingRequest(costs, [TrafficName], [training], parsed.GetValue(steps), output, false, new LearningRequest(), runSeed, new MixRequest { OwnShare = 1, ValidationDays = 1 }, Lessons: 8, new RewardOptions());
            TrainingOutcome outcome = Trainer.Run(request, cancellation);
            if (outcome.Interrupted)
                return Task.FromResult(ExitCode.Interrupted);
            PolicyFile file = PolicyFile.Load(outcome.PolicyPath, ObservationSchema.Version, ObservationSchema.FieldNames);
            Evaluator.Run(new EvaluationRequest(costs, [file], [test], [training.Slice(0, 1800)], Rivals.Usual, null, runSeed) { Folder = output, History = outcome.History }, AnsiConsole.Console, cancellation);
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    /// <summary>What a policy trained before does, before one is trained here.</summary>
    private static void ShowShipped(EngineCostCache costs, TrafficTrace test, ulong seed, CancellationToken cancellation)
    {
        PolicyFile shipped = ShippedPolicies.Load(ScenarioName);
        PolicyContender[] both =
        [
            new(costs, () => new FixedPolicy("default", costs.Scenario.DefaultSettings), costs.Scenario.DefaultSettings),
            new(costs, () => Trainer.Load(costs.Scenario, shipped), Trainer.StartOf(costs.Scenario, shipped)),
        ];
        List<EvaluationRow> rows = new Comparison(costs, seed, cancellation).Run(test, 1, both, sustained: false);
        AnsiConsole.WriteLine($"{ScenarioName}: the policy that ships with Tuner, on an hour it has not seen");
        ResultTable.Write(AnsiConsole.Console, rows);
    }
}
