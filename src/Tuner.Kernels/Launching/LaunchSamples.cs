namespace Tuner.Kernels.Launching;

/// <summary>The timings of one configuration.</summary>
internal sealed class LaunchSamples(int configuration)
{
    /// <summary>Assumed standard deviation of a log time until timings say otherwise: 2 %.</summary>
    private const double AssumedDeviation = 0.02;

    /// <summary>Timings the assumption counts for.</summary>
    private const double AssumedWeight = 2;

    private readonly List<double> seconds = [];

    public int Configuration => configuration;

    public int Count => seconds.Count;

    public bool Failed { get; private set; }

    public double Median
    {
        get
        {
            List<double> sorted = [.. seconds.Order()];
            int half = sorted.Count / 2;
            return sorted.Count % 2 == 1 ? sorted[half] : 0.5 * (sorted[half - 1] + sorted[half]);
        }
    }

    public void Add(LaunchTiming timing)
    {
        if (timing.Failure is not null || !(timing.Seconds > 0))
            Failed = true;
        else
            seconds.Add(timing.Seconds);
    }

    /// <summary>Half the width of the 95 % interval of the mean, as a share of the time; spread is shrunk towards an assumed one while timings are few.</summary>
    public double HalfWidth()
    {
        double mean = seconds.Average(Math.Log);
        double squares = seconds.Sum(value => (Math.Log(value) - mean) * (Math.Log(value) - mean));
        double variance = (squares + (AssumedWeight * AssumedDeviation * AssumedDeviation)) / (seconds.Count - 1 + AssumedWeight);
        return 1.96 * Math.Sqrt(variance / seconds.Count);
    }
}
