using System.Globalization;
using System.Text;
using Spectre.Console;
using Tuner.Agent.Ppo;
using Tuner.Agent.Training;
using Tuner.Env;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Policy;
using Tuner.Policy.Files;
using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;

namespace Tuner.Cli.Commands;

/// <summary>Trains a policy and writes <c>checkpoint.bin</c>, <c>policy.tuner</c> and <c>training.csv</c>.</summary>
internal static class Trainer
{
    public static TrainingOutcome Run(TrainingRequest request, CancellationToken cancellation)
    {
        string checkpoint = Path.Combine(request.Folder, "checkpoint.bin");
        string policy = Path.Combine(request.Folder, "policy.tuner");
        if (request.Resume && !File.Exists(checkpoint))
            throw new UserErrorException($"{checkpoint}: no checkpoint to go on from; train without --resume first.");
        ServingEnvironmentOptions environment = EnvironmentOptions(request, cancellation);
        IEnvironment Make(int index) => new ServingEnvironment(request.Costs, request.Traces, environment);
        var options = new PpoOptions { Environments = request.Environments, Threads = request.Threads, Device = request.Device };
        if (options.Problems() is { Count: > 0 } problems)
            throw new UserErrorException($"training options: {string.Join("; ", problems)}.");
        using PpoTrainer trainer = request.Resume ? PpoTrainer.Resume(checkpoint, Make) : new PpoTrainer(Make, options, request.Seed);
        bool interrupted = Train(trainer, request, cancellation);
        trainer.SaveCheckpoint(checkpoint);
        WriteCurve(trainer.History, Path.Combine(request.Folder, "training.csv"));
        if (!interrupted)
            Export(trainer, request).Save(policy);
        return new TrainingOutcome(trainer.Steps, interrupted, checkpoint, policy, trainer.History);
    }

    /// <summary>A policy ready to run, from its file.</summary>
    public static TunerPolicy Load(Scenario scenario, PolicyFile file)
        => new(file.Network, file.Normalizer, new ObservationEncoder(scenario.Knobs, scenario.Objective, scenario.Quality.Budget), scenario.Knobs);

    private static bool Train(PpoTrainer trainer, TrainingRequest request, CancellationToken cancellation)
    {
        try
        {
            AnsiConsole.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(context =>
            {
                ProgressTask task = context.AddTask("training", maxValue: request.Steps);
                trainer.Run(request.Steps, new Bar(task), cancellation);
            });
            return cancellation.IsCancellationRequested && trainer.Steps < request.Steps;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    /// <summary>Trains around the load the default just sustains: from quiet to half as much again as it can carry, and more.</summary>
    private static ServingEnvironmentOptions EnvironmentOptions(TrainingRequest request, CancellationToken cancellation)
    {
        Scenario scenario = request.Costs.Scenario;
        double sustained = request.Traces
            .Select(trace => SustainedLoad.Find(request.Costs, trace.Slice(0, Math.Min(trace.DurationSeconds, 900)), () => new FixedPolicy("default", scenario.DefaultSettings), request.Seed, cancellation))
            .Max();
        sustained = Math.Max(sustained, 0.05);
        return new ServingEnvironmentOptions { MinRateScale = 0.6 * sustained, MaxRateScale = 1.8 * sustained };
    }

    private static PolicyFile Export(PpoTrainer trainer, TrainingRequest request)
    {
        (PolicyNetwork network, ObservationNormalizer normalizer) = trainer.ExportNetwork();
        var manifest = new PolicyManifest
        {
            Scenario = request.Costs.Scenario.Name,
            Traffic = request.TrafficNames,
            Hardware = request.Costs.Scenario.Hardware.Name,
            Seed = request.Seed,
            Steps = trainer.Steps,
            Version = typeof(Trainer).Assembly.GetName().Version?.ToString(3) ?? "",
            Scores = new Dictionary<string, double> { ["meanReturn"] = trainer.History.Count > 0 ? trainer.History[^1].MeanReturn ?? 0 : 0 },
        };
        return new PolicyFile(ObservationSchema.Version, ObservationSchema.FieldNames, KnobSpace.HeadSizes.ToArray(), normalizer, network, manifest);
    }

    private static void WriteCurve(IReadOnlyList<TrainingProgress> history, string path)
    {
        var text = new StringBuilder("steps,mean_return,steps_per_second,approx_kl,entropy,explained_variance,clip_fraction,policy_loss,value_loss,learning_rate\n");
        foreach (TrainingProgress row in history)
            text.AppendLine(CultureInfo.InvariantCulture, $"{row.Steps},{row.MeanReturn},{row.StepsPerSecond:0},{row.ApproxKl},{row.Entropy},{row.ExplainedVariance},{row.ClipFraction},{row.PolicyLoss},{row.ValueLoss},{row.LearningRate}");
        Shared.WriteFile(path, text.ToString());
    }

    private sealed class Bar(ProgressTask task) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            task.Value = value.Steps;
            task.Description = string.Create(CultureInfo.InvariantCulture, $"training: return {value.MeanReturn:0.00}, {value.StepsPerSecond:0} windows/s, kl {value.ApproxKl:0.000}");
        }
    }
}
