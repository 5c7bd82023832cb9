namespace Tuner.Env.Evaluation;

/// <summary>By how much one policy keeps more promises than another on the same arrivals.</summary>
/// <param name="Mean">Difference of the shares of requests that met both promises, −1 to 1.</param>
/// <param name="Low">Lower end of its 95 % interval.</param>
/// <param name="High">Upper end.</param>
/// <param name="Requests">Requests counted.</param>
public sealed record PairedDifference(double Mean, double Low, double High, int Requests)
{
    private const double BlockSeconds = 60;

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
        var gained = new List<double>();
        var all = new List<double>();
        for (int run = 0; run < first.Count; run++)
        {
            int blocks = (int)(first[run].DurationSeconds / BlockSeconds) + 1;
            double[] difference = new double[blocks];
            double[] requests = new double[blocks];
            for (int i = 0; i < first[run].Outcomes.Count; i++)
            {
                double arrival = first[run].Outcomes[i].ArrivalSeconds;
                if (!counts(run, (int)(arrival / PolicyRunner.WindowSeconds)))
                    continue;
                int block = Math.Min(blocks - 1, (int)(arrival / BlockSeconds));
                requests[block]++;
                difference[block] += (first[run].Outcomes[i].Met ? 1 : 0) - (second[run].Outcomes[i].Met ? 1 : 0);
            }

            for (int block = 0; block < blocks; block++)
            {
                if (requests[block] == 0)
                    continue;
                gained.Add(difference[block]);
                all.Add(requests[block]);
            }
        }

        if (all.Count == 0)
            return new PairedDifference(0, 0, 0, 0);
        (double low, double high) = PairedBootstrap.Ratio([.. gained], [.. all], seed);
        return new PairedDifference(gained.Sum() / all.Sum(), low, high, (int)all.Sum());
    }
}
