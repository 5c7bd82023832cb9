namespace Tuner.Env.Simulation;

/// <summary>A stream of random numbers named for its purpose, so that adding a draw in one place moves nothing in another.</summary>
/// <remarks>
/// xoshiro256** (Blackman and Vigna, arXiv:1805.01407), seeded through SplitMix64 from a seed and a name. Its
/// state can be copied: <see cref="Clone"/> continues independently from the same point.
/// </remarks>
public sealed class RandomStream
{
    private ulong s0;
    private ulong s1;
    private ulong s2;
    private ulong s3;

    private RandomStream(ulong seed)
    {
        s0 = SplitMix(ref seed);
        s1 = SplitMix(ref seed);
        s2 = SplitMix(ref seed);
        s3 = SplitMix(ref seed);
    }

    private RandomStream(RandomStream other) => (s0, s1, s2, s3) = (other.s0, other.s1, other.s2, other.s3);

    /// <summary>The stream for one purpose under one seed.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="purpose">What the numbers are for, such as <c>arrivals</c>.</param>
    public static RandomStream For(ulong seed, string purpose)
    {
        // FNV-1a: string.GetHashCode differs from process to process.
        ulong hash = 14695981039346656037;
        foreach (char letter in purpose)
            hash = (hash ^ letter) * 1099511628211;
        return new RandomStream(seed ^ SplitMix(ref hash));
    }

    /// <summary>A copy that continues from the same point on its own.</summary>
    public RandomStream Clone() => new(this);

    /// <summary>The four words of state, for a checkpoint.</summary>
    public (ulong S0, ulong S1, ulong S2, ulong S3) State
    {
        get => (s0, s1, s2, s3);
        set => (s0, s1, s2, s3) = value;
    }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        ulong result = ulong.RotateLeft(s1 * 5, 7) * 9;
        ulong t = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= t;
        s3 = ulong.RotateLeft(s3, 45);
        return result;
    }

    /// <summary>A number in [0, 1), uniform over multiples of 2⁻⁵³.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A whole number in [0, <paramref name="count"/>), uniform (Lemire, arXiv:1805.10941).</summary>
    /// <param name="count">How many values there are, at least 1.</param>
    public int NextInt(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ulong product = (NextUInt64() >> 32) * (uint)count;
        uint low = (uint)product;
        if (low < (uint)count)
        {
            uint floor = (0u - (uint)count) % (uint)count;
            while (low < floor)
            {
                product = (NextUInt64() >> 32) * (uint)count;
                low = (uint)product;
            }
        }

        return (int)(product >> 32);
    }

    /// <summary>An exponentially distributed number.</summary>
    /// <param name="mean">Its mean, above 0.</param>
    public double NextExponential(double mean) => -mean * Math.Log(1 - NextDouble());

    /// <summary>A standard normal number (Box and Muller, 1958; the second of each pair is not kept).</summary>
    public double NextGaussian()
        => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    private static ulong SplitMix(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        ulong z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
