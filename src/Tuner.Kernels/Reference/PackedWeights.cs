namespace Tuner.Kernels.Reference;

/// <summary>A weight matrix w[inputs, outputs] laid out in panels of columns, in one of three formats.</summary>
/// <remarks>
/// A panel holds <see cref="Panel.Columns"/> columns, row after row, so a product reads it from front to back. Missing columns
/// of the last panel are zero. Quantisation is symmetric and to nearest: largest magnitude ↦ 127 or 7.
/// </remarks>
public sealed unsafe class PackedWeights : IDisposable
{
    /// <summary>Weights of a column that share a scale in <see cref="WeightFormat.Int4"/>.</summary>
    public const int Group = 32;

    private const int Largest8 = 127;
    private const int Largest4 = 7;

    /// <summary>What a stored 4-bit value exceeds its meaning by.</summary>
    private const int Offset4 = 8;

    private readonly AlignedMemory values;
    private readonly AlignedMemory scales;
    private readonly long panelBytes;
    private readonly long panelScales;

    private PackedWeights(int inputs, int outputs, WeightFormat format)
    {
        (Inputs, Outputs, Format) = (inputs, outputs, format);
        int groups = (inputs + Group - 1) / Group;
        (panelBytes, panelScales) = format switch
        {
            WeightFormat.Float32 => ((long)inputs * Panel.Columns * sizeof(float), 0),
            WeightFormat.Int8 => ((long)inputs * Panel.Columns, Panel.Columns),
            _ => ((long)groups * Group / 2 * Panel.Columns, (long)groups * Panel.Columns),
        };
        values = new AlignedMemory(panelBytes * Panels);
        scales = new AlignedMemory(panelScales * Panels * sizeof(float));
    }

    /// <summary>Length of the dot products.</summary>
    public int Inputs { get; }

    /// <summary>Columns.</summary>
    public int Outputs { get; }

    /// <summary>How they are kept.</summary>
    public WeightFormat Format { get; }

    /// <summary>Memory they take, scales and padding included.</summary>
    public long Bytes => values.Bytes + scales.Bytes;

    internal int Panels => (Outputs + Panel.Columns - 1) / Panel.Columns;

    /// <summary>Packs a matrix.</summary>
    /// <param name="weights">w[inputs, outputs], row after row.</param>
    /// <param name="inputs">Rows.</param>
    /// <param name="outputs">Columns.</param>
    /// <param name="format">How to keep them.</param>
    /// <exception cref="ArgumentException">The matrix has another size.</exception>
    public static PackedWeights From(ReadOnlySpan<float> weights, int inputs, int outputs, WeightFormat format)
    {
        Shape.Require(weights.Length, (long)inputs * outputs, nameof(weights));
        var packed = new PackedWeights(inputs, outputs, format);
        for (int column = 0; column < outputs; column++)
            packed.Pack(weights, column);
        return packed;
    }

    /// <summary>A copy elsewhere in memory.</summary>
    public PackedWeights Copy()
    {
        var copy = new PackedWeights(Inputs, Outputs, Format);
        Buffer.MemoryCopy(values.Pointer, copy.values.Pointer, values.Bytes, values.Bytes);
        Buffer.MemoryCopy(scales.Pointer, copy.scales.Pointer, scales.Bytes, scales.Bytes);
        return copy;
    }

    /// <summary>The matrix the packed form stands for, row after row.</summary>
    /// <param name="weights">Receives w[inputs, outputs].</param>
    public void Unpack(Span<float> weights)
    {
        Shape.Require(weights.Length, (long)Inputs * Outputs, nameof(weights));
        for (int row = 0; row < Inputs; row++)
        {
            for (int column = 0; column < Outputs; column++)
                weights[(row * Outputs) + column] = Value(row, column);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        values.Dispose();
        scales.Dispose();
    }

    /// <summary>Rows of a panel as floating point: in place where they are, else dequantised into a buffer.</summary>
    /// <param name="panel">The panel.</param>
    /// <param name="start">First row, a multiple of <see cref="Group"/>.</param>
    /// <param name="depth">Rows.</param>
    /// <param name="buffer">Room for the rows, and for one more in 4 bits.</param>
    internal float* Rows(int panel, int start, int depth, float* buffer)
    {
        byte* bytes = (byte*)values.Pointer + (panel * panelBytes);
        float* scale = (float*)scales.Pointer + (panel * panelScales);
        switch (Format)
        {
            case WeightFormat.Float32:
                return (float*)bytes + ((long)start * Panel.Columns);
            case WeightFormat.Int8:
                Dequantize.Bytes((sbyte*)bytes + ((long)start * Panel.Columns), depth, scale, buffer);
                return buffer;
            default:
                Dequantize.Nibbles(bytes + ((long)start / 2 * Panel.Columns), depth, scale + ((long)start / Group * Panel.Columns), buffer);
                return buffer;
        }
    }

    private void Pack(ReadOnlySpan<float> weights, int column)
    {
        int panel = column / Panel.Columns;
        int lane = column % Panel.Columns;
        byte* bytes = (byte*)values.Pointer + (panel * panelBytes);
        float* scale = (float*)scales.Pointer + (panel * panelScales) + lane;
        int group = Format == WeightFormat.Int4 ? Group : Inputs;
        int largest = Format == WeightFormat.Int4 ? Largest4 : Largest8;
        for (int start = 0; start < Inputs; start += group)
        {
            int end = Math.Min(start + group, Inputs);
            float step = Format == WeightFormat.Float32 ? 1 : Step(weights, column, start, end, largest);
            if (Format != WeightFormat.Float32)
                scale[start / group * Panel.Columns] = step;
            for (int row = start; row < end; row++)
            {
                float weight = weights[(row * Outputs) + column];
                long at = ((long)row * Panel.Columns) + lane;
                if (Format == WeightFormat.Float32)
                    ((float*)bytes)[at] = weight;
                else if (Format == WeightFormat.Int8)
                    ((sbyte*)bytes)[at] = (sbyte)MathF.Round(weight / step);
                else
                    bytes[((long)row / 2 * Panel.Columns) + lane] |= (byte)(((int)MathF.Round(weight / step) + Offset4) << (4 * (row % 2)));
            }
        }
    }

    private float Step(ReadOnlySpan<float> weights, int column, int start, int end, int largest)
    {
        float magnitude = 0;
        for (int row = start; row < end; row++)
            magnitude = Math.Max(magnitude, Math.Abs(weights[(row * Outputs) + column]));
        return magnitude == 0 ? 1 : magnitude / largest;
    }

    private float Value(int row, int column)
    {
        int panel = column / Panel.Columns;
        int lane = column % Panel.Columns;
        byte* bytes = (byte*)values.Pointer + (panel * panelBytes);
        float* scale = (float*)scales.Pointer + (panel * panelScales) + lane;
        long at = ((long)row * Panel.Columns) + lane;
        return Format switch
        {
            WeightFormat.Float32 => ((float*)bytes)[at],
            WeightFormat.Int8 => ((sbyte*)bytes)[at] * scale[0],
            _ => (((bytes[((long)row / 2 * Panel.Columns) + lane] >> (4 * (row % 2))) & 0xF) - Offset4) * scale[row / Group * Panel.Columns],
        };
    }
}
