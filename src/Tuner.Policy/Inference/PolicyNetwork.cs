namespace Tuner.Policy.Inference;

/// <summary>A multilayer perceptron on spans: no native code, no allocation. Not thread-safe: it owns its scratch space.</summary>
public sealed class PolicyNetwork
{
    private readonly DenseLayer[] layers;
    private readonly float[][] scratch;

    /// <summary>Creates a network.</summary>
    /// <param name="layers">Its layers, first to last; each takes what the one before gives.</param>
    /// <exception cref="ArgumentException">There is no layer, or two do not fit together.</exception>
    public PolicyNetwork(IReadOnlyList<DenseLayer> layers)
    {
        if (layers.Count == 0)
            throw new ArgumentException("A network needs at least one layer.", nameof(layers));
        for (int i = 1; i < layers.Count; i++)
        {
            if (layers[i].Inputs != layers[i - 1].Outputs)
                throw new ArgumentException($"Layer {i} takes {layers[i].Inputs} values; the one before gives {layers[i - 1].Outputs}.", nameof(layers));
        }

        this.layers = [.. layers];
        scratch = [.. layers.Take(layers.Count - 1).Select(layer => new float[layer.Outputs])];
    }

    /// <summary>The layers.</summary>
    public IReadOnlyList<DenseLayer> Layers => layers;

    /// <summary>Length of the input.</summary>
    public int Inputs => layers[0].Inputs;

    /// <summary>Length of the output.</summary>
    public int Outputs => layers[^1].Outputs;

    /// <summary>Computes the output.</summary>
    public void Forward(ReadOnlySpan<float> input, Span<float> output)
    {
        ReadOnlySpan<float> x = input;
        for (int i = 0; i < layers.Length - 1; i++)
        {
            layers[i].Forward(x, scratch[i]);
            x = scratch[i];
        }

        layers[^1].Forward(x, output);
    }
}
