using System.Globalization;

namespace Tuner.Kernels.Launching;

/// <summary>Which generation of multiprocessor a GPU has, such as 9.0.</summary>
/// <param name="Major">Before the point.</param>
/// <param name="Minor">After the point.</param>
public readonly record struct ComputeCapability(int Major, int Minor)
{
    /// <summary>From the two digits a compiler's target carries: 90 is 9.0, 120 is 12.0.</summary>
    public static ComputeCapability OfTarget(int target) => new(target / 10, target % 10);

    /// <summary>Reads <c>9.0</c>.</summary>
    /// <exception cref="FormatException">It is no such text.</exception>
    public static ComputeCapability Parse(string text)
        => text.Split('.') is [var major, var minor]
            && int.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out int before)
            && int.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out int after)
            ? new ComputeCapability(before, after)
            : throw new FormatException($"'{text}' is no compute capability; one reads 9.0.");

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}
