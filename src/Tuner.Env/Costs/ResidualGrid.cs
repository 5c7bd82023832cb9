using System.Runtime.CompilerServices;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json.Serialization;

namespace Tuner.Env.Costs;

/// <summary>What measurements add to a roofline: log(measured / roofline) on the nodes of a three-dimensional grid.</summary>
/// <remarks>
/// The roofline carries the physics over orders of magnitude; what is left is small and smooth enough to interpolate. Nodes that were
/// never measured are NaN. In files values are 16-bit steps of two thousandths, differences from one to the next, deflated.
/// </remarks>
public sealed record ResidualGrid
{
    private const double Step = 2e-3;
    private const short Missing = short.MinValue;

    private readonly int[] x;
    private readonly int[] y;
    private readonly int[] z;
    private readonly double[] values;

    /// <summary>Creates a grid.</summary>
    /// <param name="x">First axis, ascending.</param>
    /// <param name="y">Second axis, ascending.</param>
    /// <param name="z">Third axis, ascending.</param>
    /// <param name="values">x·y·z values, the last axis running fastest; NaN where nothing was measured.</param>
    /// <exception cref="ArgumentException">The number of values does not fit the axes.</exception>
    public ResidualGrid(IReadOnlyList<int> x, IReadOnlyList<int> y, IReadOnlyList<int> z, IReadOnlyList<double> values)
    {
        if (values.Count != x.Count * y.Count * z.Count)
            throw new ArgumentException($"{values.Count} values for a grid of {x.Count} × {y.Count} × {z.Count}.", nameof(values));
        this.x = [.. x];
        this.y = [.. y];
        this.z = [.. z];
        this.values = [.. values];
    }

    /// <summary>Reads a grid as files keep it.</summary>
    /// <exception cref="FormatException">The packed values are not base64.</exception>
    /// <exception cref="InvalidDataException">They do not inflate.</exception>
    /// <exception cref="ArgumentException">Their number does not fit the axes.</exception>
    [JsonConstructor]
    public ResidualGrid(IReadOnlyList<int> x, IReadOnlyList<int> y, IReadOnlyList<int> z, string packed)
        : this(x, y, z, Unpack(packed))
    {
    }

    /// <summary>First axis, ascending.</summary>
    public IReadOnlyList<int> X => x;

    /// <summary>Second axis, ascending.</summary>
    public IReadOnlyList<int> Y => y;

    /// <summary>Third axis, ascending.</summary>
    public IReadOnlyList<int> Z => z;

    /// <summary>Second axis, for the step path.</summary>
    internal ReadOnlySpan<int> YNodes => y;

    /// <summary>Third axis, for the step path.</summary>
    internal ReadOnlySpan<int> ZNodes => z;

    /// <summary>The values as files keep them: base64 of deflated 16-bit little-endian differences.</summary>
    public string Packed
    {
        get
        {
            byte[] bytes = new byte[2 * values.Length];
            short before = 0;
            for (int i = 0; i < values.Length; i++)
            {
                short step = double.IsNaN(values[i]) ? Missing : (short)Math.Clamp(Math.Round(values[i] / Step), short.MinValue + 1, short.MaxValue);
                BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(2 * i), unchecked((short)(step - before)));
                before = step;
            }

            using var packed = new MemoryStream();
            using (var deflate = new ZLibStream(packed, CompressionLevel.SmallestSize))
                deflate.Write(bytes);
            return Convert.ToBase64String(packed.ToArray());
        }
    }

    /// <summary>The value of a node; NaN when it was not measured.</summary>
    public double this[int i, int j, int k] => values[(((i * y.Length) + j) * z.Length) + k];

    /// <summary>
    /// The value between nodes of the first two axes, at a node of the third: bilinear in the logarithms, over the corners that were
    /// measured; beyond the grid that of its edge. NaN when no corner was measured.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Between(double atX, double atY, int k)
    {
        (int i, double u) = Locate(x, atX);
        (int j, double v) = Locate(y, atY);
        int i1 = Math.Min(i + 1, x.Length - 1);
        int j1 = Math.Min(j + 1, y.Length - 1);
        double sum = 0;
        double weight = 0;
        Add(i, j, (1 - u) * (1 - v));
        Add(i1, j, u * (1 - v));
        Add(i, j1, (1 - u) * v);
        Add(i1, j1, u * v);
        return weight > 0 ? sum / weight : double.NaN;

        void Add(int a, int b, double share)
        {
            double value = this[a, b, k];
            if (share <= 0 || double.IsNaN(value))
                return;
            sum += share * value;
            weight += share;
        }
    }

    /// <summary>How far a point lies outside an axis, in factors of two; 0 within it.</summary>
    public static double OctavesOutside(IReadOnlyList<int> axis, double at)
    {
        if (at < axis[0])
            return Math.Log2(axis[0] / at);
        return at > axis[^1] ? Math.Log2(at / axis[^1]) : 0;
    }

    // The node at or below, and how far towards the next one in the logarithm.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static (int Index, double Share) Locate(ReadOnlySpan<int> axis, double at)
    {
        if (at <= axis[0])
            return (0, 0);
        if (at >= axis[^1])
            return (axis.Length - 1, 0);
        int low = 0;
        int high = axis.Length - 1;
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            if (axis[middle] <= at)
                low = middle;
            else
                high = middle;
        }

        return (low, Math.Log(at / axis[low]) / Math.Log((double)axis[high] / axis[low]));
    }

    private static double[] Unpack(string packed)
    {
        using var source = new MemoryStream(Convert.FromBase64String(packed));
        using var inflate = new ZLibStream(source, CompressionMode.Decompress);
        using var plain = new MemoryStream();
        inflate.CopyTo(plain);
        ReadOnlySpan<byte> bytes = plain.GetBuffer().AsSpan(0, (int)plain.Length);
        double[] values = new double[bytes.Length / 2];
        short step = 0;
        for (int i = 0; i < values.Length; i++)
        {
            step = unchecked((short)(step + BinaryPrimitives.ReadInt16LittleEndian(bytes[(2 * i)..])));
            values[i] = step == Missing ? double.NaN : step * Step;
        }

        return values;
    }
}
