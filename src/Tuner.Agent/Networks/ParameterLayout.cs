using Tuner.Env.Simulation;
using Tuner.Policy.Inference;

namespace Tuner.Agent.Networks;

/// <summary>Where the weights of actor and critic, two separate tanh networks, lie in one flat vector.</summary>
internal sealed class ParameterLayout
{
    private readonly int layers;

    public ParameterLayout(int observations, IReadOnlyList<int> hidden, int logits)
    {
        layers = hidden.Count + 1;
        var blocks = new List<ParameterBlock>();
        foreach ((string network, int outputs) in new[] { ("actor", logits), ("critic", 1) })
        {
            int inputs = observations;
            for (int layer = 0; layer < layers; layer++)
            {
                int width = layer < hidden.Count ? hidden[layer] : outputs;
                blocks.Add(new ParameterBlock($"{network}.{layer}.weight", Length, width, inputs));
                Length += width * inputs;
                blocks.Add(new ParameterBlock($"{network}.{layer}.bias", Length, width, 1));
                Length += width;
                inputs = width;
            }
        }

        Blocks = blocks;
    }

    /// <summary>Weight and bias of each layer of the actor, then of the critic.</summary>
    public IReadOnlyList<ParameterBlock> Blocks { get; }

    /// <summary>Number of parameters.</summary>
    public int Length { get; private set; }

    /// <summary>Draws initial weights: orthogonal with gain √2, 0.01 for the logits, 1 for the value; biases 0, or the logits given.</summary>
    public float[] Draw(ulong seed, ReadOnlySpan<float> initialLogits = default)
    {
        var all = new float[Length];
        for (int i = 0; i < Blocks.Count; i += 2)
        {
            ParameterBlock weight = Blocks[i];
            int layer = i / 2;
            double gain = layer == layers - 1 ? 0.01 : layer == (2 * layers) - 1 ? 1 : Math.Sqrt(2);
            OrthogonalInit.Draw(weight.Rows, weight.Columns, gain, RandomStream.For(seed, "init/" + weight.Name)).CopyTo(all, weight.Offset);
        }

        ParameterBlock logits = Blocks[(2 * layers) - 1];
        if (initialLogits.Length > 0 && initialLogits.Length != logits.Length)
            throw new ArgumentException($"{initialLogits.Length} initial logits for {logits.Length} values of all heads.", nameof(initialLogits));
        initialLogits.CopyTo(all.AsSpan(logits.Offset));
        return all;
    }

    /// <summary>The actor in plain C#.</summary>
    public PolicyNetwork Actor(ReadOnlySpan<float> parameters) => Network(parameters, 0);

    /// <summary>The critic in plain C#: one output, the value.</summary>
    public PolicyNetwork Critic(ReadOnlySpan<float> parameters) => Network(parameters, 2 * layers);

    private PolicyNetwork Network(ReadOnlySpan<float> parameters, int first)
    {
        var dense = new DenseLayer[layers];
        for (int layer = 0; layer < layers; layer++)
        {
            ParameterBlock weight = Blocks[first + (2 * layer)];
            ParameterBlock bias = Blocks[first + (2 * layer) + 1];
            dense[layer] = new DenseLayer(parameters.Slice(weight.Offset, weight.Length), parameters.Slice(bias.Offset, bias.Length));
        }

        return new PolicyNetwork(dense);
    }
}
