using Spectre.Console;
using Tuner.Agent.Imitation;
using Tuner.Agent.Ppo;
using Tuner.Agent.Training;
using Tuner.Env;
using Tuner.Policy.Inference;
using Tuner.Policy.Observations;

namespace Tuner.Cli.Commands.Training;

/// <summary>One course: lessons, then PPO, with a checkpoint to go on from.</summary>
internal static class CourseRun
{
    public static CourseOutcome Run(Course course, TrainingRequest request, WarmStart start, CancellationToken cancellation)
    {
        // Each environment is rewarded by what it earns beyond the clone on the same arrivals.
        IEnvironment Make(Apprentice? clone, int index)
            => new ServingEnvironment(request.Clusters, start.Mix.Training, start.Environment, start.Rewards, clone is null ? null : request.Costs.Scenario.PolicyOf(clone.Network, clone.Normalizer));
        bool goesOn = request.Resume && File.Exists(course.CheckpointPath);
        using PpoTrainer trainer = goesOn ? Resume(course.CheckpointPath, Make, request.Learning) : Begin(Make, course, request, start, cancellation);
        bool interrupted = Train(trainer, course, request.Steps, cancellation);
        trainer.SaveCheckpoint(course.CheckpointPath);
        TrainingCurve.Write(trainer.History, course.CurvePath);
        (PolicyNetwork tuned, ObservationNormalizer normalizer) = trainer.ExportNetwork();
        return new CourseOutcome(trainer.Apprentice, tuned, normalizer, trainer.Steps, interrupted, trainer.History);
    }

    private static PpoTrainer Begin(Func<Apprentice?, int, IEnvironment> make, Course course, TrainingRequest request, WarmStart start, CancellationToken cancellation)
    {
        PpoOptions options = request.Learning.Options;
        Apprentice clone = start.Teach(course, request, cancellation);
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

    private static bool Train(PpoTrainer trainer, Course course, long steps, CancellationToken cancellation)
    {
        try
        {
            AnsiConsole.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(context =>
            {
                ProgressTask task = context.AddTask($"training, {course.Name}", maxValue: steps);
                trainer.Run(steps, new TrainingBar(task, trainer, course), cancellation);
            });
            return cancellation.IsCancellationRequested && trainer.Steps < steps;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }
}
