using Tuner.Agent.Torch;
using static TorchSharp.torch;

namespace Tuner.Agent.Ppo;

/// <summary>The terms of PPO's objective (Schulman et al., arXiv:1707.06347) sample by sample, and their gradients.</summary>
internal static class PpoLoss
{
    /// <summary><c>min(ρ·A, clip(ρ, 1 − ε, 1 + ε)·A)</c>, to be made large; ρ is the ratio of joint probabilities.</summary>
    /// <returns>The objective, and its gradient by the new log-probability: <c>ρ·A</c>, or 0 where the clip decides.</returns>
    public static (Tensor Objective, Tensor Gradient) ClippedSurrogate(Tensor ratio, Tensor advantages, double clip)
    {
        Tensor free = ratio * advantages;
        Tensor clipped = ratio.clamp(Scalars.Of(1 - clip), Scalars.Of(1 + clip)) * advantages;
        return (minimum(free, clipped), free * free.le(clipped));
    }

    /// <summary><c>½·(V − R)²</c>; with a clip, the worse of that and the same with V held near its old value.</summary>
    /// <returns>The loss, and its gradient by V.</returns>
    public static (Tensor Loss, Tensor Gradient) Value(Tensor values, Tensor oldValues, Tensor returns, double? clip)
    {
        Tensor miss = values - returns;
        Tensor loss = miss.square();
        if (clip is not double range)
            return (loss.mul_(Scalars.Of(0.5)), miss);

        // Where the held value is worse it is held beyond the range, and does not move with V.
        Tensor held = (oldValues + (values - oldValues).clamp(Scalars.Of(-range), Scalars.Of(range)) - returns).square();
        Tensor gradient = miss * held.le(loss);
        return (maximum(loss, held).mul_(Scalars.Of(0.5)), gradient);
    }

    /// <summary>Schulman's k3 estimate of KL(old ‖ new), <c>ρ − 1 − log ρ</c>: never negative, low variance.</summary>
    public static Tensor ApproxKl(Tensor ratio, Tensor logRatio) => ratio.sub(Scalars.Of(1)).sub_(logRatio);

    /// <summary>1 where a ratio is outside <c>[1 − ε, 1 + ε]</c>, else 0.</summary>
    public static Tensor Clipped(Tensor ratio, double clip) => ratio.sub(Scalars.Of(1)).abs_().gt(Scalars.Of(clip)).to_type(ScalarType.Float32);

    /// <summary>Advantages of one minibatch with mean 0 and deviation 1.</summary>
    public static Tensor Normalized(Tensor advantages)
        => advantages.numel() < 2 ? advantages : (advantages - advantages.mean()).div_(advantages.std().add_(Scalars.Of(1e-8)));
}
