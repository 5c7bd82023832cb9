using System.Globalization;
using System.Text;
using Spectre.Console;
using Tuner.Agent.Imitation;
using Tuner.Agent.Ppo;
using Tuner.Agent.Training;
using Tuner.Cli.Reporting;
using Tuner.Env;
using Tuner.Env.Cluster;
using Tuner.Env.Scenarios;
using Tuner.Policy;
using Tuner.Policy.Files;
using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;

namespace Tuner.Cli.Commands.Training;

/// <summary>Trains a policy and writes <c>checkpoint.bin</c>, <c>policy.tuner</c> and <c>training.csv</c>.</summary>
internal static class Trainer
{
    public static TrainingOutcome Run(TrainingRequest request, CancellationToken cancellation)
    {
        string checkpoint = Path.Combine(request.Folder, "checkpoint.bin");
        string policy = Path.Combine(request.Folder, "policy.tuner");
        if (request.Resume && !File.Exists(checkpoint))
            throw new UserErrorException($"{checkpoint}: no checkpoint to go on from; train without --resume first.");
        WarmStart start = WarmStart.Find(request.Costs, request.Traces, request.Mix, request.Rewards, request.Seed, cancellation);
        IReadOnlyList<EngineCostCache> clusters = ClusterVariants.Around(request.Costs);

        // Each environment is rewarded by what it earns beyond the clone on the same arrivals.
        IEnvironment Make(Apprentice? clone, int index)
            => new ServingEnvironment(clusters, start.Mix.Training, start.Environment, start.Rewards, clone is null ? null : request.Costs.Scenario.PolicyOf(clone.Network, clone.Normalizer));
        using PpoTrainer trainer = request.Resume ? Resume(checkpoint, Make, request.Learning) : Begin(Make, request, start, cancellation);
        bool interrupted = Train(trainer, request, checkpoint, cancellation);
        trainer.SaveCheckpoint(checkpoint);
        WriteCurve(trainer.History, Path.Combine(request.Folder, "training.csv"));
        if (!interrupted)
            Export(trainer, request, start, cancellation).Save(policy);
        return new TrainingOutcome(trainer.Steps, interrupted, checkpoint, policy, trainer.History);
    }

    /// <summary>A policy ready to run, from its file.</summary>
    public static TunerPolicy Load(Scenario scenario, PolicyFile file) => scenario.PolicyOf(file.Network, file.Normalizer);

    /// <summary>The settings a policy begins with.</summary>
    public static KnobSettings StartOf(Scenario scenario, PolicyFile file)
    {
        var problems = new List<string>();
        KnobSettings settings = KnobText.Parse(scenario.Knobs, scenario.DefaultSettings, file.Manifest.Start, problems);
        return problems.Count == 0 && scenario.Fits(settings) ? settings : scenario.DefaultSettings;
    }

    private static PpoTrainer Begin(Func<Apprentice?, int, IEnvironment> make, TrainingRequest request, WarmStart start, CancellationToken cancellation)
    {
        PpoOptions options = request.Learning.Options;
        Apprentice clone = start.Teach(request.Costs, options, request.Lessons, request.Seed, cancellation);
        return new PpoTrainer(i => make(clone, i), options, request.Seed, clone);
    }

    private static PpoTrainer Resume(string checkpoint, Func<Apprentice?, int, IEnvironment> make, LearningRequest learning)
    {
        PpoTrainer trainer = PpoTrainer.Resume(checkpoint, make, learning.Threads, learning.Device);
        int environments = trainer.Options.Environments;
        if (learning.Environments is not int wanted || wanted == environments)
            return trainer;
        trainer.Dispose();
        throw new UserErrorException($"--envs is {wanted}; the checkpoint was trained with {environments} environments, and goes on with as many.");
    }

    private static bool Train(PpoTrainer trainer, TrainingRequest request, string checkpoint, CancellationToken cancellation)
    {
        try
        {
            AnsiConsole.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(context =>
            {
                ProgressTask task = context.AddTask("training", maxValue: request.Steps);
                trainer.Run(request.Steps, new TrainingBar(task, trainer, checkpoint), cancellation);
            });
            return cancellation.IsCancellationRequested && trainer.Steps < request.Steps;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    private static PolicyFile Export(PpoTrainer trainer, TrainingRequest request, WarmStart start, CancellationToken cancellation)
    {
        Scenario scenario = request.Costs.Scenario;
        (PolicyNetwork tuned, ObservationNormalizer normalizer) = trainer.ExportNetwork();
        var candidates = new List<Candidate> { Candidate.Fixed("static-best", start.StaticBest), Candidate.Fixed("generalist", start.Portfolio.Generalist) };
        foreach (KnobSettings settings in new[] { start.StaticBest, start.Portfolio.Generalist }.DistinctBy(settings => settings.Parallelism))
        {
            string mode = settings.Parallelism.ToString().ToLowerInvariant();
            var free = new List<Candidate>();
            if (trainer.Apprentice is { } apprentice)
                free.Add(new Candidate("cloned", $"cloned from {mode}", apprentice.Network, apprentice.Normalizer, settings));
            free.Add(new("tuned", $"tuned from {mode}", tuned, normalizer, settings));
            candidates.AddRange(free.Select(candidate => candidate.InOneLayout()));
            candidates.AddRange(free);
        }

        IReadOnlyList<HeldOutTraffic> sources = start.Mix.HeldOut;
        double[][] scores = LiveProgress.Run("validating", report => Validation.Score(request.Costs, sources, [.. candidates, Candidate.Fixed("default", scenario.DefaultSettings)], request.Seed, report, cancellation));
        double[] means = [.. scores.Select(row => Validation.Mean(row, sources))];
        int shipped = Validation.Choose(scores[..candidates.Count], sources);
        ValidationTable.Write([.. candidates.Select(candidate => candidate.Name), "default"], sources, scores, means, shipped);
        Candidate chosen = candidates[shipped];
        var manifest = new PolicyManifest
        {
            Scenario = scenario.Name,
            Traffic = request.TrafficNames,
            Mix = start.Mix.Names,
            Kind = chosen.Kind,
            Hardware = scenario.Hardware.Name,
            Seed = request.Seed,
            Steps = trainer.Steps,
            Serving = scenario.Contract,
            Generalist = KnobText.Pairs(scenario.Knobs, start.Portfolio.Generalist),
            Start = KnobText.Pairs(scenario.Knobs, chosen.Start),
            Version = typeof(Trainer).Assembly.GetName().Version?.ToString(3) ?? "",
            Scores = new Dictionary<string, double>
            {
                ["meanReturn"] = trainer.History.Count > 0 ? trainer.History[^1].MeanReturn ?? 0 : 0,
                ["validatedLoadOverStaticBest"] = means[shipped],
                ["validatedLoadOverDefault"] = means[shipped] / means[^1],
            },
        };
        return new PolicyFile(ObservationSchema.Version, ObservationSchema.FieldNames, KnobSpace.HeadSizes.ToArray(), chosen.Normalizer, chosen.Network, manifest);
    }

    private static void WriteCurve(IReadOnlyList<TrainingProgress> history, string path)
    {
        var text = new StringBuilder("steps,mean_return,steps_per_second,approx_kl,entropy,explained_variance,clip_fraction,policy_loss,value_loss,learning_rate");
        string[] measured = [.. history.Take(1).SelectMany(row => row.Measured.Keys)];
        text.AppendLine(string.Concat(measured.Select(name => $",{name}")));
        foreach (TrainingProgress row in history)
            text.AppendLine(CultureInfo.InvariantCulture, $"{row.Steps},{row.MeanReturn},{row.StepsPerSecond:0},{row.ApproxKl},{row.Entropy},{row.ExplainedVariance},{row.ClipFraction},{row.PolicyLoss},{row.ValueLoss},{row.LearningRate}{string.Concat(measured.Select(name => string.Create(CultureInfo.InvariantCulture, $",{row.Measured[name]}")))}");
        Shared.WriteFile(path, text.ToString());
    }
}
