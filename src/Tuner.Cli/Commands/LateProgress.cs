using Spectre.Console;

namespace Tuner.Cli.Commands;

/// <summary>A progress bar for work that turns out to take long; nothing for what is done in a second, or where there is no terminal.</summary>
internal static class LateProgress
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(100);

    public static T Run<T>(IAnsiConsole console, string what, Func<IProgress<double>, T> work)
    {
        var latest = new Latest();
        if (!console.Profile.Capabilities.Interactive)
            return work(latest);
        Task<T> task = Task.Run(() => work(latest));
        if (Task.WaitAny([task], Patience) < 0)
        {
            console.Progress().AutoClear(true).Start(context =>
            {
                ProgressTask bar = context.AddTask(Markup.Escape(what));
                while (Task.WaitAny([task], Refresh) < 0)
                    bar.Value = 100 * latest.Value;
            });
        }

        return task.GetAwaiter().GetResult();
    }

    private sealed class Latest : IProgress<double>
    {
        private double value;

        public double Value => Volatile.Read(ref value);

        public void Report(double value) => Volatile.Write(ref this.value, value);
    }
}
