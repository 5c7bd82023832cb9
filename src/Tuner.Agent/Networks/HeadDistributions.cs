using Tuner.Agent.Torch;
using static TorchSharp.torch;

namespace Tuner.Agent.Networks;

/// <summary>One categorical distribution a head and sample, over allowed values only, with the gradients of what PPO asks of them.</summary>
/// <remarks>
/// Rows as <see cref="HeadLayout"/> has them. By the logits z, with p the probabilities and H a head's entropy:
/// <code>
/// ∂ log p(a) / ∂z = 1[a] − p        ∂H / ∂z = −p·(log p + H)        ∂KL(q ‖ p) / ∂z = p − q
/// </code></remarks>
internal sealed class HeadDistributions
{
    /// <summary>Added to forbidden logits: exp then gives exactly 0, and being finite, 0·log 0 stays 0.</summary>
    public const float Penalty = -1e8f;

    private readonly Tensor pLogP;
    private readonly Tensor negativeEntropy;

    /// <summary>Takes the softmax of each head.</summary>
    /// <param name="heads">How rows are laid out.</param>
    /// <param name="logits">[rows, batch].</param>
    /// <param name="penalties">0 where a value is allowed, else <see cref="Penalty"/>; [rows, batch].</param>
    public HeadDistributions(HeadLayout heads, Tensor logits, Tensor penalties)
    {
        long batch = logits.shape[1];
        Tensor allowed = (logits + penalties).view(heads.Widest, -1);
        LogProbs = allowed.log_softmax(0).view(heads.Length, batch);

        // Not exp of the above: libtorch's exp is slow where it underflows.
        Probs = allowed.softmax(0).view(heads.Length, batch);
        pLogP = Probs * LogProbs;
        negativeEntropy = pLogP.view(heads.Widest, -1).sum([0]).view(heads.Heads, batch);
    }

    /// <summary>Log-probability of every value, [rows, batch].</summary>
    public Tensor LogProbs { get; }

    /// <summary>Probability of every value, [rows, batch].</summary>
    public Tensor Probs { get; }

    /// <summary>Entropy summed over heads, [batch], nats.</summary>
    public Tensor Entropy => negativeEntropy.sum([0]).neg_();

    /// <summary>The layout of masks for <see cref="HeadDistributions"/>: 0 where allowed, else <see cref="Penalty"/>.</summary>
    /// <param name="masks">[batch, rows].</param>
    /// <returns>[rows, batch].</returns>
    public static Tensor Penalties(Tensor masks) => masks.t().logical_not().to_type(ScalarType.Float32).mul_(Scalars.Of(Penalty)).contiguous();

    /// <summary>1 at the chosen value of each head, else 0.</summary>
    /// <param name="heads">How rows are laid out.</param>
    /// <param name="actions">The row of each head's value, [batch, heads], int64.</param>
    /// <returns>[rows, batch].</returns>
    public static Tensor Chosen(HeadLayout heads, Tensor actions)
        => zeros(heads.Length, actions.shape[0], device: actions.device).scatter_(0, actions.t(), ones(heads.Heads, actions.shape[0], device: actions.device));

    /// <summary>Joint log-probability of what was chosen: the sum over heads, [batch].</summary>
    public Tensor Joint(Tensor chosen) => (chosen * LogProbs).sum([0]);

    /// <summary>KL(anchor ‖ this), summed over heads, [batch].</summary>
    /// <param name="anchor">The anchor's log-probabilities, [rows, batch].</param>
    public Tensor DistanceFrom(Tensor anchor) => (anchor.exp() * (anchor - LogProbs)).sum([0]);

    /// <summary>Gradient by the logits of a loss whose gradient by <see cref="Joint"/> is known.</summary>
    /// <param name="chosen">[rows, batch].</param>
    /// <param name="byJoint">[batch].</param>
    public Tensor JointGradient(Tensor chosen, Tensor byJoint) => (chosen - Probs).mul_(byJoint);

    /// <summary>Adds to a gradient that of <c>−weight·Σ entropy</c>.</summary>
    public void AddEntropyGradient(Tensor gradient, double weight)
    {
        // −∂H/∂z = p·log p + p·H, with H held for each head along its values.
        long heads = negativeEntropy.shape[0];
        Tensor pH = Probs.view(-1, heads, Probs.shape[1]) * negativeEntropy;
        gradient.add_(pLogP, Scalars.Of(weight)).add_(pH.view(Probs.shape), Scalars.Of(-weight));
    }

    /// <summary>Adds to a gradient that of <c>weight·Σ</c> <see cref="DistanceFrom"/>.</summary>
    public void AddDistanceGradient(Tensor gradient, Tensor anchor, double weight)
        => gradient.add_(Probs, Scalars.Of(weight)).add_(anchor.exp(), Scalars.Of(-weight));
}
