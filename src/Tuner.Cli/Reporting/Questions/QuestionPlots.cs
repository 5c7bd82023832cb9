namespace Tuner.Cli.Reporting.Questions;

/// <summary>The pictures of one run: one a question, which is its title.</summary>
internal static class QuestionPlots
{
    private static readonly (string Name, Func<WatchedRun, QuestionPage> Draw)[] Pictures =
    [
        ("promises", PromisesPlot.Draw),
        ("waiting", WaitingPlot.Draw),
        ("kv-cache", KvCachePlot.Draw),
        ("gpu-time", GpuTimePlot.Draw),
        ("slow-requests", SlowRequestsPlot.Draw),
        ("latencies", LatenciesPlot.Draw),
    ];

    /// <summary>Draws them all into a folder, as PNG and as SVG.</summary>
    /// <returns>How many.</returns>
    public static int Save(string folder, WatchedRun run)
    {
        foreach ((string name, Func<WatchedRun, QuestionPage> draw) in Pictures)
            draw(run).Save(folder, name);
        return Pictures.Length;
    }
}
