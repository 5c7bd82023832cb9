using Tuner.Agent.Torch;
using static TorchSharp.torch;

namespace Tuner.Agent.Networks;

/// <summary>Actor and critic in torch, for learning: their parameters are one flat vector, split where they are used.</summary>
internal sealed class ActorCritic : IDisposable
{
    // Forbidden logits: small enough that exp gives exactly 0, finite so that 0·log 0 stays 0.
    private const float Forbidden = -1e8f;

    private readonly int[] headSizes;
    private readonly long[] lengths;
    private readonly Tensor padding;

    public ActorCritic(ParameterLayout layout, ReadOnlySpan<int> headSizes, float[] parameters, Device device)
    {
        Layout = layout;
        this.headSizes = headSizes.ToArray();
        Widest = this.headSizes.Max();
        lengths = [.. layout.Blocks.Select(block => (long)block.Length)];

        // Heads of different sizes side by side: each padded to the widest, the padding pointing at logit 0 and masked out.
        var index = new long[this.headSizes.Length * Widest];
        for (int head = 0, offset = 0; head < this.headSizes.Length; offset += this.headSizes[head], head++)
        {
            for (int value = 0; value < this.headSizes[head]; value++)
                index[(head * Widest) + value] = offset + value;
        }

        using var scope = NewDisposeScope();
        padding = tensor(index).to(device).DetachFromDisposeScope();
        Parameters = tensor(parameters).to(device).requires_grad_(true).DetachFromDisposeScope();
    }

    public ParameterLayout Layout { get; }

    /// <summary>All parameters.</summary>
    public Tensor Parameters { get; }

    /// <summary>Values of the widest head.</summary>
    public int Widest { get; }

    /// <summary>Writes a mask, head after head, as <see cref="Evaluate"/> wants it: every head as wide as the widest.</summary>
    public void Pad(ReadOnlySpan<bool> mask, Span<bool> padded)
    {
        padded.Clear();
        int offset = 0;
        for (int head = 0; head < headSizes.Length; head++)
        {
            mask.Slice(offset, headSizes[head]).CopyTo(padded.Slice(head * Widest, headSizes[head]));
            offset += headSizes[head];
        }
    }

    /// <summary>Logits and values of a batch of observations.</summary>
    public (Tensor Logits, Tensor Values) Forward(Tensor observations)
    {
        Tensor[] parts = Parameters.split(lengths);
        return (Run(parts, 0, observations), Run(parts, parts.Length / 2, observations).squeeze(-1));
    }

    /// <summary>What the networks now think of actions taken earlier.</summary>
    /// <param name="observations">[batch, entries], normalised.</param>
    /// <param name="actions">[batch, heads], int64.</param>
    /// <param name="masks">[batch, heads, widest], from <see cref="Pad"/>.</param>
    /// <returns>Joint log-probability (the sum over heads), entropy (likewise, over allowed values only) and value, [batch] each.</returns>
    public (Tensor LogProb, Tensor Entropy, Tensor Value) Evaluate(Tensor observations, Tensor actions, Tensor masks)
    {
        (Tensor logProbs, Tensor values) = Distributions(observations, masks);
        return (Joint(logProbs, actions), Entropy(logProbs), values);
    }

    /// <summary>Log-probability of every value of every head, [batch, heads, widest], and value, [batch].</summary>
    public (Tensor LogProbs, Tensor Values) Distributions(Tensor observations, Tensor masks)
    {
        (Tensor logits, Tensor values) = Forward(observations);
        Tensor padded = logits.index_select(1, padding).view(-1, headSizes.Length, Widest);
        return (padded.masked_fill(masks.logical_not(), Scalars.Of(Forbidden)).log_softmax(-1), values);
    }

    /// <summary>Joint log-probability of actions: the sum over heads.</summary>
    public static Tensor Joint(Tensor logProbs, Tensor actions) => logProbs.gather(-1, actions.unsqueeze(-1)).squeeze(-1).sum(-1);

    /// <summary>Entropy over allowed values, summed over heads.</summary>
    public static Tensor Entropy(Tensor logProbs) => -(logProbs.exp() * logProbs).sum(-1).sum(-1);

    public void Dispose()
    {
        padding.Dispose();
        Parameters.Dispose();
    }

    private Tensor Run(Tensor[] parts, int first, Tensor input)
    {
        int last = first + (parts.Length / 2) - 2;
        for (int i = first; i <= last; i += 2)
        {
            ParameterBlock weight = Layout.Blocks[i];
            input = nn.functional.linear(input, parts[i].view(weight.Rows, weight.Columns), parts[i + 1]);
            if (i < last)
                input = input.tanh();
        }

        return input;
    }
}
