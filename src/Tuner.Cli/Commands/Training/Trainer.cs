using Tuner.Env.Scenarios;
using Tuner.Policy;
using Tuner.Policy.Files;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands.Training;

/// <summary>Trains a policy and writes <c>policy.tuner</c>, <c>checkpoint.bin</c> and <c>training.csv</c>.</summary>
internal static class Trainer
{
    public static LearningOutcome Run(TrainingRequest request, CancellationToken cancellation)
    {
        if (request.Resume && !File.Exists(request.CheckpointPath))
            throw new UserErrorException($"{request.CheckpointPath}: no checkpoint to go on from; train without --resume first.");
        WarmStart start = WarmStart.Find(request.Costs, request.Traces, request.Mix, request.Rewards, request.Seed, cancellation);
        LearningOutcome learned = LearningRun.Run(request, start, cancellation);
        if (!learned.Interrupted)
            Shipping.Run(learned, request, start, cancellation).Save(request.PolicyPath);
        return learned;
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
}
