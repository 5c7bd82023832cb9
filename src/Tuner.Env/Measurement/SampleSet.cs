namespace Tuner.Env.Measurement;

/// <summary>Measurements of one window, kept for their percentiles. Its buffer grows and is reused.</summary>
internal sealed class SampleSet
{
    private double[] values = new double[256];

    public int Count { get; private set; }

    public double Sum { get; private set; }

    public double Mean => Count == 0 ? 0 : Sum / Count;

    public void Add(double value)
    {
        if (Count == values.Length)
            Array.Resize(ref values, 2 * Count);
        values[Count++] = value;
        Sum += value;
    }

    public void CopyFrom(SampleSet other)
    {
        if (values.Length < other.Count)
            values = new double[other.values.Length];
        Array.Copy(other.values, values, other.Count);
        (Count, Sum) = (other.Count, other.Sum);
    }

    public void Clear()
    {
        Count = 0;
        Sum = 0;
    }

    /// <summary>The nearest-rank percentile; 0 of nothing. Sorts the samples.</summary>
    /// <param name="share">From 0 to 1.</param>
    public double Percentile(double share)
    {
        if (Count == 0)
            return 0;
        Array.Sort(values, 0, Count);
        return values[Math.Clamp((int)Math.Ceiling(share * Count) - 1, 0, Count - 1)];
    }
}
