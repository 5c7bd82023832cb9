using Tuner.Agent.Networks;
using static TorchSharp.torch;

namespace Tuner.Agent.Ppo;

/// <summary>Steps of a rollout as tensors on the device that learns.</summary>
/// <param name="Observations">[count, entries], normalised.</param>
/// <param name="Penalties">What the masks forbid, [rows, count].</param>
/// <param name="Chosen">What was done, [rows, count].</param>
/// <param name="Numbers">[4, count]: log-probability and value when it was done, advantage and return.</param>
/// <param name="Anchor">Log-probabilities of the policy to stay near, [rows, count]; null for none.</param>
internal sealed record Samples(Tensor Observations, Tensor Penalties, Tensor Chosen, Tensor Numbers, Tensor? Anchor = null)
{
    public long Count => Numbers.shape[1];

    public Tensor LogProbs => Numbers[0];

    public Tensor Values => Numbers[1];

    public Tensor Advantages => Numbers[2];

    public Tensor Returns => Numbers[3];

    /// <summary>A whole rollout; its tensors die with the caller's dispose scope.</summary>
    public static Samples From(Rollout rollout, HeadLayout heads, Device device)
    {
        long count = rollout.Count;
        Tensor On(Tensor made) => made.to(device);
        return new Samples(
            On(tensor(rollout.Observations).view(count, -1)),
            HeadDistributions.Penalties(On(tensor(rollout.Masks).view(count, heads.Length))),
            HeadDistributions.Chosen(heads, On(tensor(rollout.Actions).view(count, heads.Heads))),
            On(stack([tensor(rollout.LogProbs), tensor(rollout.Values), tensor(rollout.Advantages), tensor(rollout.Returns)])));
    }

    /// <summary>Some of them.</summary>
    /// <param name="index">Which, int64.</param>
    public Samples Pick(Tensor index) => new(
        Observations.index_select(0, index), Penalties.index_select(1, index), Chosen.index_select(1, index), Numbers.index_select(1, index), Anchor?.index_select(1, index));
}
