namespace Tuner.Policy.Inference;

/// <summary>A multilayer perceptron: tanh between its layers, nothing after the last.</summary>
/// <remarks>Immutable and safe to share between threads; deciding allocates nothing.</remarks>
public sealed class PolicyNetwork
{
    /// <summary>Widest hidden layer: two of them are kept on the stack.</summary>
    public const int MaxHiddenWidth = 4096;

    private readonly DenseLayer[] layers;
    private readonly int hiddenWidth;

    /// <summary>Creates a network.</summary>
    /// <param name="layers">First to last; each takes what the one before gives.</param>
    /// <exception cref="ArgumentException">There is no layer, two do not fit together, or one is too wide.</exception>
    public PolicyNetwork(IReadOnlyList<DenseLayer> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        if (layers.Count == 0)
            throw new ArgumentException("A network needs at least one layer.", nameof(layers));
        for (int i = 1; i < layers.Count; i++)
        {
            if (layers[i].Inputs != layers[i - 1].Outputs)
                throw new ArgumentException($"Layer {i} takes {layers[i].Inputs} inputs; layer {i - 1} gives {layers[i - 1].Outputs}.", nameof(layers));
            hiddenWidth = Math.Max(hiddenWidth, layers[i].Inputs);
        }

        if (hiddenWidth > MaxHiddenWidth)
            throw new ArgumentException($"A hidden layer is {hiddenWidth} wide; at most {MaxHiddenWidth} is supported.", nameof(layers));
        this.layers = [.. layers];
    }

    /// <summary>The layers, first to last.</summary>
    public IReadOnlyList<DenseLayer> Layers => layers;

    /// <summary>Entries of an observation.</summary>
    public int Inputs => layers[0].Inputs;

    /// <summary>Number of logits.</summary>
    public int Outputs => layers[^1].Outputs;

    /// <summary>Computes the logits of one observation.</summary>
    /// <param name="observation"><see cref="Inputs"/> values, normalised as in training.</param>
    /// <param name="logits">Receives <see cref="Outputs"/> values.</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public void Forward(ReadOnlySpan<float> observation, Span<float> logits)
    {
        if (observation.Length != Inputs)
            throw new ArgumentException($"The network takes {Inputs} values; the observation has {observation.Length}.", nameof(observation));
        if (logits.Length != Outputs)
            throw new ArgumentException($"The network gives {Outputs} logits; there is room for {logits.Length}.", nameof(logits));

        Span<float> hidden = stackalloc float[2 * hiddenWidth];
        scoped ReadOnlySpan<float> input = observation;
        for (int i = 0; i < layers.Length - 1; i++)
        {
            Span<float> output = hidden.Slice(i % 2 * hiddenWidth, layers[i].Outputs);
            layers[i].Forward(input, output);
            HyperbolicTangent.Apply(output);
            input = output;
        }

        layers[^1].Forward(input, logits);
    }
}
