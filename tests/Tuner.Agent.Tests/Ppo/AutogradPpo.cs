using TorchSharp;
using Tuner.Agent.Networks;
using Tuner.Agent.Ppo;
using static TorchSharp.torch;

namespace Tuner.Agent.Tests.Ppo;

/// <summary>PPO's loss as the paper writes it, head by head, differentiated by torch's autograd: what the written-out gradient must equal.</summary>
internal sealed class AutogradPpo(ParameterLayout layout, int[] sizes, PpoOptions options)
{
    public (double Loss, float[] Gradient) Differentiate(Rollout rollout, bool[] masks, int[] actions, float[] parameters, double entropyWeight, bool criticOnly, float[]? anchor)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor flat = tensor(parameters).requires_grad_(true);
        Tensor observations = tensor(rollout.Observations).view(rollout.Count, -1);
        Tensor returns = tensor(rollout.Returns), old = tensor(rollout.Values), advantages = tensor(rollout.Advantages);
        if (options.NormalizeAdvantages)
            advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8);

        Tensor value = Run(flat, observations, critic: true).squeeze(-1);
        Tensor square = (value - returns).square();
        if (options.ValueClipRange is double range)
            square = maximum(square, (old + (value - old).clamp(-range, range) - returns).square());
        Tensor loss = options.ValueWeight * 0.5 * square.mean();
        if (!criticOnly)
        {
            (Tensor joint, Tensor entropy, Tensor[] heads) = Heads(flat, observations, masks, actions);
            Tensor ratio = (joint - tensor(rollout.LogProbs)).exp();
            loss = loss - minimum(ratio * advantages, ratio.clamp(1 - options.ClipRange, 1 + options.ClipRange) * advantages).mean() - (entropyWeight * entropy.mean());
            if (anchor is not null)
            {
                Tensor[] from = Heads(tensor(anchor), observations, masks, actions).LogProbs;
                loss += options.AnchorWeight * heads.Select((now, i) => (from[i].exp() * (from[i] - now)).sum() / rollout.Count).Aggregate((a, b) => a + b);
            }
        }

        return (loss.item<float>(), autograd.grad([loss], [flat])[0].data<float>().ToArray());
    }

    private (Tensor Joint, Tensor Entropy, Tensor[] LogProbs) Heads(Tensor flat, Tensor observations, bool[] masks, int[] actions)
    {
        long batch = observations.shape[0];
        Tensor logits = Run(flat, observations, critic: false);
        Tensor allowed = tensor(masks).view(batch, -1);
        Tensor chosen = tensor(actions.Select(action => (long)action).ToArray()).view(batch, -1);
        Tensor joint = zeros(batch), entropy = zeros(batch);
        var logProbs = new Tensor[sizes.Length];
        for (int head = 0, offset = 0; head < sizes.Length; offset += sizes[head], head++)
        {
            Tensor own = logits.narrow(1, offset, sizes[head]).masked_fill(allowed.narrow(1, offset, sizes[head]).logical_not(), -1e8f);
            logProbs[head] = own.log_softmax(-1);
            joint += logProbs[head].gather(1, chosen.narrow(1, head, 1)).squeeze(-1);
            entropy -= (logProbs[head].exp() * logProbs[head]).sum(-1);
        }

        return (joint, entropy, logProbs);
    }

    private Tensor Run(Tensor flat, Tensor input, bool critic)
    {
        int half = layout.Blocks.Count / 2;
        int first = critic ? half : 0;
        for (int i = first; i < first + half; i += 2)
        {
            ParameterBlock weight = layout.Blocks[i], bias = layout.Blocks[i + 1];
            input = nn.functional.linear(input, flat.narrow(0, weight.Offset, weight.Length).view(weight.Rows, weight.Columns), flat.narrow(0, bias.Offset, bias.Length));
            if (i < first + half - 2)
                input = input.tanh();
        }

        return input;
    }
}
