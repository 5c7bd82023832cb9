namespace Tuner.Policy.Observations;

/// <summary>Brings each field to mean 0 and deviation 1 over training, clipped. Travels with the policy. Immutable.</summary>
public sealed class ObservationNormalizer
{
    /// <summary>Normalised values are clipped to ± this (Andrychowicz et al., arXiv:2006.05990).</summary>
    public const float Clip = 10;

    private readonly float[] mean;
    private readonly float[] inverseDeviation;

    /// <summary>Creates a normaliser.</summary>
    /// <param name="mean">Mean of each field.</param>
    /// <param name="variance">Variance of each field, at least 0.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public ObservationNormalizer(ReadOnlySpan<float> mean, ReadOnlySpan<float> variance)
    {
        if (mean.Length != variance.Length)
            throw new ArgumentException($"{mean.Length} means and {variance.Length} variances; both have one a field.");
        this.mean = mean.ToArray();
        Variance = variance.ToArray();
        inverseDeviation = new float[variance.Length];
        for (int i = 0; i < variance.Length; i++)
            inverseDeviation[i] = 1f / MathF.Sqrt(variance[i] + 1e-8f);
    }

    /// <summary>Mean of each field.</summary>
    public ReadOnlyMemory<float> Mean => mean;

    /// <summary>Variance of each field.</summary>
    public ReadOnlyMemory<float> Variance { get; }

    /// <summary>Number of fields.</summary>
    public int Length => mean.Length;

    /// <summary>Normalises one observation; source and target may be the same.</summary>
    public void Normalize(ReadOnlySpan<float> observation, Span<float> normalized)
    {
        for (int i = 0; i < mean.Length; i++)
            normalized[i] = Math.Clamp((observation[i] - mean[i]) * inverseDeviation[i], -Clip, Clip);
    }
}
