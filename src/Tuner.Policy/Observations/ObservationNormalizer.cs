namespace Tuner.Policy.Observations;

/// <summary>Brings each entry of an observation to mean 0 and variance 1, clipped: <c>(x − mean) / √(variance + 10⁻⁸)</c>.</summary>
/// <remarks>Immutable: what training measured is part of the policy.</remarks>
public sealed class ObservationNormalizer
{
    private readonly float[] mean;
    private readonly float[] variance;
    private readonly float[] scale;

    /// <summary>Creates a normaliser.</summary>
    /// <param name="mean">Mean of each entry.</param>
    /// <param name="variance">Variance of each entry; each at least 0.</param>
    /// <param name="clip">Largest size of a result, above 0; infinity for none.</param>
    /// <exception cref="ArgumentException">Lengths differ, a variance is negative, or a number is NaN.</exception>
    public ObservationNormalizer(ReadOnlySpan<float> mean, ReadOnlySpan<float> variance, float clip)
    {
        if (mean.Length != variance.Length)
            throw new ArgumentException($"{mean.Length} means and {variance.Length} variances; both have one an entry.");
        if (!(clip > 0))
            throw new ArgumentException($"Results are clipped at {clip}; a clip is above 0.", nameof(clip));
        scale = new float[mean.Length];
        for (int i = 0; i < mean.Length; i++)
        {
            if (!float.IsFinite(mean[i]) || !(variance[i] >= 0))
                throw new ArgumentException($"Entry {i}: mean {mean[i]}, variance {variance[i]}; a finite mean and a variance of at least 0 are needed.");
            scale[i] = (float)(1 / Math.Sqrt(variance[i] + 1e-8));
        }

        this.mean = mean.ToArray();
        this.variance = variance.ToArray();
        Clip = clip;
    }

    /// <summary>Number of entries.</summary>
    public int Length => mean.Length;

    /// <summary>Mean of each entry.</summary>
    public ReadOnlySpan<float> Mean => mean;

    /// <summary>Variance of each entry.</summary>
    public ReadOnlySpan<float> Variance => variance;

    /// <summary>Largest size of a result.</summary>
    public float Clip { get; }

    /// <summary>A normaliser that changes nothing.</summary>
    public static ObservationNormalizer None(int length)
    {
        var ones = new float[length];
        Array.Fill(ones, 1f);
        return new ObservationNormalizer(new float[length], ones, float.PositiveInfinity);
    }

    /// <summary>Normalises one observation; allocates nothing.</summary>
    /// <param name="observation"><see cref="Length"/> values.</param>
    /// <param name="normalized">Receives as many; may be the same memory.</param>
    public void Apply(ReadOnlySpan<float> observation, Span<float> normalized)
    {
        if (observation.Length != Length || normalized.Length != Length)
            throw new ArgumentException($"The normaliser has {Length} entries; the observation has {observation.Length}, with room for {normalized.Length}.");
        for (int i = 0; i < observation.Length; i++)
            normalized[i] = Math.Clamp((observation[i] - mean[i]) * scale[i], -Clip, Clip);
    }
}
