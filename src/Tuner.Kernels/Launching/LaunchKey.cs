namespace Tuner.Kernels.Launching;

/// <summary>What a launch choice holds for.</summary>
/// <param name="Gpu">The device's name.</param>
/// <param name="Driver">The driver's version; another one may schedule differently.</param>
/// <param name="KernelHash">Hash of the kernel's source and of the space of its launches: see <see cref="HashOf"/>.</param>
/// <param name="Shape">The bucket of problem sizes: see <see cref="Bucket"/>.</param>
public sealed record LaunchKey(string Gpu, string Driver, string KernelHash, string Shape)
{
    private const int HashDigits = 16;

    /// <summary>The bucket of a shape: every size rounded up to a power of two, so that near shapes share a choice.</summary>
    /// <param name="sizes">The sizes, each at least 1.</param>
    public static string Bucket(params ReadOnlySpan<int> sizes)
    {
        var rounded = new string[sizes.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(sizes[i], 1, nameof(sizes));
            rounded[i] = System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)sizes[i]).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return string.Join('x', rounded);
    }

    /// <summary>Hash of what was compiled and of what could be launched: a choice does not outlive either.</summary>
    /// <param name="source">The kernel's source or compiled code.</param>
    /// <param name="space">Its launches.</param>
    public static string HashOf(ReadOnlySpan<byte> source, LaunchSpace space)
    {
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        hash.AppendData(source);
        foreach (LaunchAxis axis in space.Axes)
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"\n{axis.Name}={string.Join(',', axis.Values)}"));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..HashDigits];
    }
}
