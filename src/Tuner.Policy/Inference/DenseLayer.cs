using System.Numerics;

namespace Tuner.Policy.Inference;

/// <summary>y = W·x + b, optionally followed by tanh. Immutable.</summary>
public sealed class DenseLayer
{
    private readonly float[] weights;
    private readonly float[] bias;
    private readonly bool tanh;

    /// <summary>Creates a layer.</summary>
    /// <param name="inputs">Length of x.</param>
    /// <param name="outputs">Length of y.</param>
    /// <param name="weights">W, row after row: <paramref name="outputs"/> × <paramref name="inputs"/>.</param>
    /// <param name="bias">b.</param>
    /// <param name="tanh">Whether tanh follows.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public DenseLayer(int inputs, int outputs, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, bool tanh)
    {
        if (weights.Length != inputs * outputs || bias.Length != outputs)
            throw new ArgumentException($"A layer of {outputs}×{inputs} needs {inputs * outputs} weights and {outputs} biases; found {weights.Length} and {bias.Length}.");
        Inputs = inputs;
        Outputs = outputs;
        this.weights = weights.ToArray();
        this.bias = bias.ToArray();
        this.tanh = tanh;
    }

    /// <summary>Length of x.</summary>
    public int Inputs { get; }

    /// <summary>Length of y.</summary>
    public int Outputs { get; }

    /// <summary>Whether tanh follows.</summary>
    public bool Tanh => tanh;

    /// <summary>W, row after row.</summary>
    public ReadOnlySpan<float> Weights => weights;

    /// <summary>b.</summary>
    public ReadOnlySpan<float> Bias => bias;

    /// <summary>Computes y.</summary>
    public void Forward(ReadOnlySpan<float> x, Span<float> y)
    {
        for (int row = 0; row < Outputs; row++)
        {
            float value = bias[row] + Dot(weights.AsSpan(row * Inputs, Inputs), x);
            y[row] = tanh ? MathF.Tanh(value) : value;
        }
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        // Four lanes whatever the processor: the same sum, and so the same decision, on every machine.
        Vector4 sum = Vector4.Zero;
        int i = 0;
        for (; i <= a.Length - 4; i += 4)
            sum += new Vector4(a.Slice(i, 4)) * new Vector4(b.Slice(i, 4));
        float total = sum.X + sum.Y + sum.Z + sum.W;
        for (; i < a.Length; i++)
            total += a[i] * b[i];
        return total;
    }
}
