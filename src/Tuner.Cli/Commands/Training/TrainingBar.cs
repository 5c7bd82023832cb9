using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Tuner.Agent.Training;

namespace Tuner.Cli.Commands.Training;

/// <summary>Shows training as it goes, and keeps a recent checkpoint so that a crash costs half a minute at most.</summary>
internal sealed class TrainingBar(ProgressTask task, PpoTrainer trainer, Course course) : IProgress<TrainingProgress>
{
    private static readonly TimeSpan CheckpointEvery = TimeSpan.FromSeconds(30);

    private readonly TensorBoardProgress events = new(course.Folder);
    private long lastCheckpoint;

    public void Report(TrainingProgress value)
    {
        task.Value = value.Steps;
        task.Description = string.Create(CultureInfo.InvariantCulture, $"training, {course.Name}: return {value.MeanReturn:0.00}, {value.StepsPerSecond:0} windows/s, kl {value.ApproxKl:0.000}");
        events.Report(value);
        if (lastCheckpoint != 0 && Stopwatch.GetElapsedTime(lastCheckpoint) < CheckpointEvery)
            return;
        trainer.SaveCheckpoint(course.CheckpointPath);
        lastCheckpoint = Stopwatch.GetTimestamp();
    }
}
