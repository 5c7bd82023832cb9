using Tuner.Agent.Torch;
using static TorchSharp.torch;

namespace Tuner.Agent.Ppo;

/// <summary>The terms of PPO's objective (Schulman et al., arXiv:1707.06347), as losses to be made small.</summary>
internal static class PpoLoss
{
    /// <summary><c>−mean(min(ρ·A, clip(ρ, 1 − ε, 1 + ε)·A))</c>, with ρ the ratio of joint probabilities.</summary>
    public static Tensor ClippedSurrogate(Tensor ratio, Tensor advantages, double clip)
        => -minimum(ratio * advantages, ratio.clamp(Scalars.Of(1 - clip), Scalars.Of(1 + clip)) * advantages).mean();

    /// <summary><c>½·mean((V − R)²)</c>; with a clip, the worse of that and the same with V held near its old value.</summary>
    public static Tensor Value(Tensor values, Tensor oldValues, Tensor returns, double? clip)
    {
        Tensor loss = (values - returns).square();
        if (clip is double range)
            loss = maximum(loss, (oldValues + (values - oldValues).clamp(Scalars.Of(-range), Scalars.Of(range)) - returns).square());
        return loss.mean().mul(Scalars.Of(0.5));
    }

    /// <summary>Schulman's k3 estimate of KL(old ‖ new), <c>mean(ρ − 1 − log ρ)</c>: never negative, low variance.</summary>
    public static Tensor ApproxKl(Tensor logRatio) => (logRatio.exp().sub(Scalars.Of(1)) - logRatio).mean();

    /// <summary><c>KL(anchor ‖ policy)</c>, summed over heads and averaged: how far the policy has left what it was cloned from.</summary>
    public static Tensor AnchorKl(Tensor anchorLogProbs, Tensor logProbs) => (anchorLogProbs.exp() * (anchorLogProbs - logProbs)).sum(-1).sum(-1).mean();

    /// <summary>Share of ratios outside <c>[1 − ε, 1 + ε]</c>.</summary>
    public static Tensor ClipFraction(Tensor ratio, double clip) => ratio.sub(Scalars.Of(1)).abs().gt(Scalars.Of(clip)).to_type(ScalarType.Float32).mean();

    /// <summary>Advantages of one minibatch with mean 0 and deviation 1.</summary>
    public static Tensor Normalized(Tensor advantages)
        => advantages.numel() < 2 ? advantages : (advantages - advantages.mean()) / advantages.std().add(Scalars.Of(1e-8));
}
