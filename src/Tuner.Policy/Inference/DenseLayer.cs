using System.Numerics;

namespace Tuner.Policy.Inference;

/// <summary>One fully connected layer: <c>y = W·x + b</c>. Immutable.</summary>
public sealed class DenseLayer
{
    // Rows of 16 floats or a multiple: whole vectors of any common width.
    private const int Padding = 16;

    // Transposed: each output adds its inputs in order, whatever the vector width, so every machine gets the same bits.
    private readonly float[] byInput;
    private readonly float[] paddedBiases;
    private readonly int stride;

    /// <summary>Creates a layer from copies of its weights.</summary>
    /// <param name="weights">One row of inputs an output, row after row, as torch keeps them.</param>
    /// <param name="biases">One an output; at least one.</param>
    /// <exception cref="ArgumentException">The weights do not divide into one row an output.</exception>
    public DenseLayer(ReadOnlySpan<float> weights, ReadOnlySpan<float> biases)
    {
        if (biases.Length == 0 || weights.Length == 0 || weights.Length % biases.Length != 0)
            throw new ArgumentException($"{weights.Length} weights do not make one row for each of {biases.Length} outputs.");
        Outputs = biases.Length;
        Inputs = weights.Length / biases.Length;
        stride = (Outputs + Padding - 1) / Padding * Padding;
        paddedBiases = new float[stride];
        biases.CopyTo(paddedBiases);
        byInput = new float[stride * Inputs];
        for (int output = 0; output < Outputs; output++)
        {
            for (int input = 0; input < Inputs; input++)
                byInput[(input * stride) + output] = weights[(output * Inputs) + input];
        }
    }

    /// <summary>Number of inputs.</summary>
    public int Inputs { get; }

    /// <summary>Number of outputs.</summary>
    public int Outputs { get; }

    /// <summary>One value an output.</summary>
    public ReadOnlySpan<float> Biases => paddedBiases.AsSpan(0, Outputs);

    /// <summary>The weights as the constructor took them: one row of inputs an output.</summary>
    public float[] CopyWeights()
    {
        var rows = new float[Inputs * Outputs];
        for (int output = 0; output < Outputs; output++)
        {
            for (int input = 0; input < Inputs; input++)
                rows[(output * Inputs) + input] = byInput[(input * stride) + output];
        }

        return rows;
    }

    /// <summary>Computes the layer; allocates nothing.</summary>
    /// <param name="input"><see cref="Inputs"/> values.</param>
    /// <param name="output">Receives <see cref="Outputs"/> values.</param>
    internal void Forward(ReadOnlySpan<float> input, Span<float> output)
    {
        int width = Vector<float>.Count;
        int at = 0;
        for (; at + (4 * width) <= Outputs; at += 4 * width)
        {
            (Vector<float> a, Vector<float> b, Vector<float> c, Vector<float> d) = (Bias(at), Bias(at + width), Bias(at + (2 * width)), Bias(at + (3 * width)));
            for (int i = 0, row = at; i < input.Length; i++, row += stride)
            {
                var value = new Vector<float>(input[i]);
                ReadOnlySpan<float> weights = byInput.AsSpan(row, 4 * width);
                a += value * new Vector<float>(weights);
                b += value * new Vector<float>(weights[width..]);
                c += value * new Vector<float>(weights[(2 * width)..]);
                d += value * new Vector<float>(weights[(3 * width)..]);
            }

            a.CopyTo(output[at..]);
            b.CopyTo(output[(at + width)..]);
            c.CopyTo(output[(at + (2 * width))..]);
            d.CopyTo(output[(at + (3 * width))..]);
        }

        Span<float> tail = stackalloc float[width];
        for (; at < Outputs; at += width)
        {
            Vector<float> sum = Bias(at);
            for (int i = 0, row = at; i < input.Length; i++, row += stride)
                sum += new Vector<float>(input[i]) * new Vector<float>(byInput.AsSpan(row, width));
            sum.CopyTo(tail);
            tail[..Math.Min(width, Outputs - at)].CopyTo(output[at..]);
        }
    }

    private Vector<float> Bias(int at) => new(paddedBiases.AsSpan(at));
}
