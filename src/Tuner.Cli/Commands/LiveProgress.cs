using Spectre.Console;

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

    private sealed class Direct(ProgressTask task) : IProgress<double>
    {
        public void Report(double value) => task.Value = 100 * value;
    }
}
