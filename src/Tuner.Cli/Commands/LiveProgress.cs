using Spectre.Console;
using Tuner.Kernels.Calibration;

namespace Tuner.Cli.Commands;

/// <summary>A progress bar where there is a terminal; silence where there is none.</summary>
internal static class LiveProgress
{
    public static T Run<T>(string what, Func<IProgress<double>, T> work)
    {
        T? result = default;
        AnsiConsole.Progress().AutoClear(true).Start(context =>
        {
            ProgressTask task = context.AddTask(what);
            result = work(new Direct(task));
        });
        return result!;
    }

    /// <summary>The same for work that also says what it is at.</summary>
    public static T Run<T>(Func<IProgress<CalibrationProgress>, T> work)
    {
        T? result = default;
        AnsiConsole.Progress().AutoClear(true).Start(context => result = work(new Labelled(context.AddTask("measuring"))));
        return result!;
    }

    private sealed class Direct(ProgressTask task) : IProgress<double>
    {
        public void Report(double value) => task.Value = 100 * value;
    }

    private sealed class Labelled(ProgressTask task) : IProgress<CalibrationProgress>
    {
        public void Report(CalibrationProgress value)
        {
            task.MaxValue = value.Total;
            task.Value = value.Done;
            task.Description = Markup.Escape(value.What);
        }
    }
}
