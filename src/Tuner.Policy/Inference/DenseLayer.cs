using System.Numerics;
using System.Runtime.InteropServices;

namespace Tuner.Policy.Inference;

/// <summary>One fully connected layer: <c>y = W·x + b</c>. Immutable.</summary>
public sealed class DenseLayer
{
    // Transposed: each output adds its inputs in order, whatever the vector width, so every machine gets the same bits.
    private readonly float[] byInput;
    private readonly float[] biases;

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
        this.biases = biases.ToArray();
        byInput = new float[weights.Length];
        for (int output = 0; output < Outputs; output++)
        {
            for (int input = 0; input < Inputs; input++)
                byInput[(input * Outputs) + output] = weights[(output * Inputs) + input];
        }
    }

    /// <summary>Number of inputs.</summary>
    public int Inputs { get; }

    /// <summary>Number of outputs.</summary>
    public int Outputs { get; }

    /// <summary>One value an output.</summary>
    public ReadOnlySpan<float> Biases => biases;

    /// <summary>The weights as the constructor took them: one row of inputs an output.</summary>
    public float[] CopyWeights()
    {
        var rows = new float[byInput.Length];
        for (int output = 0; output < Outputs; output++)
        {
            for (int input = 0; input < Inputs; input++)
                rows[(output * Inputs) + input] = byInput[(input * Outputs) + output];
        }

        return rows;
    }

    /// <summary>Computes the layer; allocates nothing.</summary>
    /// <param name="input"><see cref="Inputs"/> values.</param>
    /// <param name="output">Receives <see cref="Outputs"/> values.</param>
    internal void Forward(ReadOnlySpan<float> input, Span<float> output)
    {
        biases.CopyTo(output);
        Span<Vector<float>> sums = MemoryMarshal.Cast<float, Vector<float>>(output);
        int vectorised = sums.Length * Vector<float>.Count;
        for (int i = 0; i < input.Length; i++)
        {
            ReadOnlySpan<float> row = byInput.AsSpan(i * Outputs, Outputs);
            ReadOnlySpan<Vector<float>> wide = MemoryMarshal.Cast<float, Vector<float>>(row);
            var value = new Vector<float>(input[i]);
            for (int k = 0; k < sums.Length; k++)
                sums[k] += value * wide[k];
            for (int k = vectorised; k < row.Length; k++)
                output[k] += input[i] * row[k];
        }
    }
}
