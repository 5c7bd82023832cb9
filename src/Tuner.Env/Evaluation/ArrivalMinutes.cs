namespace Tuner.Env.Evaluation;

/// <summary>Sums over requests by minute of arrival: the blocks that bootstraps resample, as neighbours share their luck.</summary>
/// <remarks>Minutes without a request are left out.</remarks>
internal sealed class ArrivalMinutes
{
    private const double BlockSeconds = 60;

    private readonly List<double> values = [];
    private readonly List<double> requests = [];

    /// <summary>Requests counted.</summary>
    public int Requests => (int)requests.Sum();

    /// <summary>Mean of the values, 0 without a request.</summary>
    public double Mean => requests.Count == 0 ? 0 : values.Sum() / requests.Sum();

    /// <summary>Adds the requests of a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="value">What a request adds, by its index; null for one that does not count.</param>
    public void Add(RunResult run, Func<int, double?> value)
    {
        int blocks = (int)(run.DurationSeconds / BlockSeconds) + 1;
        double[] sums = new double[blocks];
        double[] counts = new double[blocks];
        for (int i = 0; i < run.Outcomes.Count; i++)
        {
            if (value(i) is not double added)
                continue;
            int block = Math.Min(blocks - 1, (int)(run.Outcomes[i].ArrivalSeconds / BlockSeconds));
            counts[block]++;
            sums[block] += added;
        }

        for (int block = 0; block < blocks; block++)
        {
            if (counts[block] == 0)
                continue;
            values.Add(sums[block]);
            requests.Add(counts[block]);
        }
    }

    /// <summary>The mean's 95 % interval; 0 to 0 without a request.</summary>
    /// <param name="seed">Seed of the resampling.</param>
    public (double Low, double High) Interval(ulong seed) => requests.Count == 0 ? (0, 0) : PairedBootstrap.Ratio([.. values], [.. requests], seed);
}
