namespace Tuner.Env.Evaluation;

/// <summary>By how much one policy keeps more promises than another on the same arrivals.</summary>
/// <param name="Mean">Difference of the shares of requests that met both promises, −1 to 1.</param>
/// <param name="Low">Lower end of its 95 % interval.</param>
/// <param name="High">Upper end.</param>
/// <param name="Requests">Requests counted.</param>
public sealed record PairedDifference(double Mean, double Low, double High, int Requests)
{
    /// <summary>Compares two runs over the same trace, resampling minutes of arrival.</summary>
    /// <param name="first">A run of one policy.</param>
    /// <param name="second">A run of the other.</param>
    /// <param name="seed">Seed of the resampling.</param>
    public static PairedDifference Of(RunResult first, RunResult second, ulong seed) => Of([first], [second], static (_, _) => true, seed);

    /// <summary>Compares runs over the same traces, pair by pair, resampling minutes of arrival.</summary>
    /// <param name="first">Runs of one policy.</param>
    /// <param name="second">Runs of the other, over the same traces in the same order.</param>
    /// <param name="counts">Whether requests that arrived in a window (run, window) count.</param>
    /// <param name="seed">Seed of the resampling.</param>
    public static PairedDifference Of(IReadOnlyList<RunResult> first, IReadOnlyList<RunResult> second, Func<int, int, bool> counts, ulong seed)
    {
        var minutes = new ArrivalMinutes();
        for (int run = 0; run < first.Count; run++)
        {
            (RunResult one, RunResult other) = (first[run], second[run]);
            int number = run;
            minutes.Add(one, i => counts(number, (int)(one.Outcomes[i].ArrivalSeconds / PolicyRunner.WindowSeconds)) ? (one.Outcomes[i].Met ? 1 : 0) - (other.Outcomes[i].Met ? 1 : 0) : null);
        }

        (double low, double high) = minutes.Interval(seed);
        return new PairedDifference(minutes.Mean, low, high, minutes.Requests);
    }
}
