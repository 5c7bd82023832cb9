using Spectre.Console;
using Tuner.Agent.Imitation;
using Tuner.Agent.Ppo;
using Tuner.Agent.Training;
using Tuner.Env;
using Tuner.Policy.Inference;
using Tuner.Policy.Observations;

namespace Tuner.Cli.Commands.Training;

/// <summary>Lessons, then PPO, with a checkpoint to go on from.</summary>
internal static class LearningRun
{
    public static LearningOutcome Run(TrainingRequest request, WarmStart start, CancellationToken cancellation)
    {
        // Each environment is rewarded by what it earns beyond the clone on the same arrivals.
        IEnvironment Make(Apprentice? clone, int index)
            => new ServingEnvironment(request.Clusters, start.Mix.Training, start.Environment, start.Rewards, clone is null ? null : request.Costs.Scenario.PolicyOf(clone.Network, clone.Normalizer));
        using PpoTrainer trainer = request.Resume ? Resume(request.CheckpointPath, Make, request.Learning) : Begin(Make, request, start, cancellation);
        bool interrupted = Train(trainer, request, cancellation);
        trainer.SaveCheckpoint(request.CheckpointPath);
        TrainingCurve.Write(trainer.History, request.CurvePath);
        (PolicyNetwork tuned, ObservationNormalizer normalizer) = trainer.ExportNetwork();
        return new LearningOutcome(trainer.Apprentice, tuned, normalizer, trainer.Steps, interrupted, trainer.History);
    }

    private static PpoTrainer Begin(Func<Apprentice?, int, IEnvironment> make, TrainingRequest request, WarmStart start, CancellationToken cancellation)
    {
        PpoOptions options = request.Learning.Options;
        Apprentice clone = start.Teach(request, cancellation);
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

    private static bool Train(PpoTrainer trainer, TrainingRequest request, CancellationToken cancellation)
    {
        try
        {
            AnsiConsole.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(context =>
            {
                ProgressTask task = context.AddTask("training", maxValue: request.Steps);
                trainer.Run(request.Steps, new TrainingBar(task, trainer, request), cancellation);
            });
            return cancellation.IsCancellationRequested && trainer.Steps < request.Steps;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }
}
