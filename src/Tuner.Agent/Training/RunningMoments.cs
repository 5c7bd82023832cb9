namespace Tuner.Agent.Training;

/// <summary>Mean and variance of vectors seen so far (Welford; merged as Chan, Golub and LeVeque, 1979).</summary>
internal sealed class RunningMoments(int length)
{
    public double Count { get; set; }

    public double[] Mean { get; } = new double[length];

    /// <summary>Sum of squared distances from the mean.</summary>
    public double[] Squares { get; } = new double[length];

    /// <summary>Variance of an entry; 1 while nothing was seen.</summary>
    public double Variance(int entry) => Count > 0 ? Squares[entry] / Count : 1;

    public void Clear()
    {
        Count = 0;
        Array.Clear(Mean);
        Array.Clear(Squares);
    }

    public void Add(ReadOnlySpan<float> value)
    {
        Count++;
        for (int i = 0; i < value.Length; i++)
        {
            double before = value[i] - Mean[i];
            Mean[i] += before / Count;
            Squares[i] += before * (value[i] - Mean[i]);
        }
    }

    public void Add(double value)
    {
        Count++;
        double before = value - Mean[0];
        Mean[0] += before / Count;
        Squares[0] += before * (value - Mean[0]);
    }

    public void Merge(RunningMoments other)
    {
        if (other.Count == 0)
            return;
        double total = Count + other.Count;
        for (int i = 0; i < Mean.Length; i++)
        {
            double apart = other.Mean[i] - Mean[i];
            Mean[i] += apart * other.Count / total;
            Squares[i] += other.Squares[i] + (apart * apart * Count * other.Count / total);
        }

        Count = total;
    }
}
