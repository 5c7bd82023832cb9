using Tuner.Agent.Networks;
using Tuner.Agent.Torch;
using Tuner.Env.Simulation;
using static TorchSharp.torch;

namespace Tuner.Agent.Ppo;

/// <summary>Improves actor and critic from one rollout after another.</summary>
internal sealed class PpoLearner : IDisposable
{
    private readonly PpoOptions options;
    private readonly RandomStream shuffling;
    private readonly Device device;
    private readonly ActorCritic? anchor;

    /// <summary>Prepares to learn.</summary>
    /// <param name="options">How.</param>
    /// <param name="layout">Where parameters lie.</param>
    /// <param name="headSizes">Values of each head.</param>
    /// <param name="state">Where to begin.</param>
    /// <param name="shuffling">Orders minibatches.</param>
    /// <param name="anchored">Parameters of the policy to stay near; null for none.</param>
    public PpoLearner(PpoOptions options, ParameterLayout layout, ReadOnlySpan<int> headSizes, LearnerState state, RandomStream shuffling, float[]? anchored = null)
    {
        if (options.Device == "cuda" && !cuda.is_available())
            throw new InvalidOperationException("Device is cuda, but libtorch finds no CUDA device: it needs the CUDA build of libtorch and an NVIDIA driver; cpu always works.");
        this.options = options;
        this.shuffling = shuffling;
        device = new Device(options.Device);

        // Small networks learn fastest on one thread, and sums then have one order on every machine.
        set_num_threads(1);
        Network = new ActorCritic(layout, headSizes, state.Parameters, device);
        Optimizer = new Adam(Network.Parameters, state.First, state.Second, state.Steps);
        anchor = anchored is null || options.AnchorWeight == 0 ? null : new ActorCritic(layout, headSizes, anchored, device);
    }

    public ActorCritic Network { get; }

    public Adam Optimizer { get; }

    /// <summary>A copy of everything learned.</summary>
    public LearnerState State => new(Copy(Network.Parameters), Copy(Optimizer.First), Copy(Optimizer.Second), Optimizer.Steps);

    /// <summary>A copy of the parameters.</summary>
    public float[] CopyParameters() => Copy(Network.Parameters);

    /// <summary>Learns from one rollout.</summary>
    /// <param name="rollout">The rollout, its advantages estimated.</param>
    /// <param name="learningRate">Adam's step size.</param>
    /// <param name="criticOnly">Leaves the actor as it is.</param>
    public UpdateStats Update(Rollout rollout, double learningRate, bool criticOnly = false)
    {
        using var scope = NewDisposeScope();
        long count = rollout.Count;
        Tensor observations = tensor(rollout.Observations).view(count, -1).to(device);
        Tensor actions = tensor(rollout.Actions).view(count, -1).to(device);
        Tensor masks = tensor(rollout.Masks).view(count, actions.shape[1], -1).to(device);
        Tensor logProbs = tensor(rollout.LogProbs).to(device);
        Tensor values = tensor(rollout.Values).to(device);
        Tensor advantages = tensor(rollout.Advantages).to(device);
        Tensor returns = tensor(rollout.Returns).to(device);
        Tensor? anchored = Anchored(observations, masks);

        var order = new long[count];
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        var sums = new double[5];
        int minibatches = 0;
        for (int epoch = 0; epoch < options.Epochs; epoch++)
        {
            Shuffle(order);
            for (int from = 0; from < order.Length; from += options.MinibatchSize)
            {
                // A tail of one has no deviation to normalise by.
                int size = Math.Min(options.MinibatchSize, order.Length - from);
                if (size < 2)
                    continue;
                using var inner = NewDisposeScope();
                Tensor index = tensor(order[from..(from + size)]).to(device);
                Tensor Pick(Tensor all) => all.index_select(0, index);
                Tensor advantage = options.NormalizeAdvantages ? PpoLoss.Normalized(Pick(advantages)) : Pick(advantages);

                (Tensor distributions, Tensor value) = Network.Distributions(Pick(observations), Pick(masks));
                Tensor logRatio = ActorCritic.Joint(distributions, Pick(actions)) - Pick(logProbs);
                Tensor ratio = logRatio.exp();
                Tensor policyLoss = PpoLoss.ClippedSurrogate(ratio, advantage, options.ClipRange);
                Tensor valueLoss = PpoLoss.Value(value, Pick(values), Pick(returns), options.ValueClipRange);
                Tensor entropy = ActorCritic.Entropy(distributions).mean();
                Tensor loss = valueLoss.mul(Scalars.Of(options.ValueWeight));
                if (!criticOnly)
                    loss = loss + policyLoss - entropy.mul(Scalars.Of(options.EntropyWeight));
                if (!criticOnly && anchored is not null)
                    loss = loss + PpoLoss.AnchorKl(Pick(anchored), distributions).mul(Scalars.Of(options.AnchorWeight));

                Tensor approxKl = PpoLoss.ApproxKl(logRatio.detach());
                float[] read = Copy(stack([policyLoss, valueLoss, entropy, approxKl, PpoLoss.ClipFraction(ratio.detach(), options.ClipRange)]));
                FiniteGuard.Check(read[0], "The policy loss");
                FiniteGuard.Check(read[1], "The value loss");
                FiniteGuard.Check(read[2], "The entropy");
                FiniteGuard.Check(read[3], "The approximate KL divergence");
                minibatches++;
                for (int i = 0; i < sums.Length; i++)
                    sums[i] += read[i];
                if (options.TargetKl is double target && read[3] > 1.5 * target)
                    return Stats(stopped: true);

                Descend(loss, learningRate);
            }
        }

        FiniteGuard.CheckBlocks(CopyParameters(), Network.Layout, "The parameters");
        return Stats(stopped: false);

        UpdateStats Stats(bool stopped)
        {
            double n = Math.Max(1, minibatches);
            return new UpdateStats(sums[0] / n, sums[1] / n, sums[2] / n, sums[3] / n, sums[4] / n, minibatches, stopped);
        }
    }

    public void Dispose()
    {
        anchor?.Dispose();
        Optimizer.Dispose();
        Network.Dispose();
    }

    internal void Descend(Tensor loss, double learningRate)
    {
        using var scope = NewDisposeScope();
        Tensor gradient = autograd.grad([loss], [Network.Parameters])[0];
        float norm = gradient.norm().cpu().item<float>();
        if (!float.IsFinite(norm))
        {
            FiniteGuard.CheckBlocks(Copy(gradient), Network.Layout, "The gradient");
            FiniteGuard.Check(norm, "The gradient's norm");
        }

        if (norm > options.MaxGradientNorm)
            gradient = gradient.mul(Scalars.Of(options.MaxGradientNorm / (norm + 1e-6)));
        Optimizer.Step(gradient, learningRate);
    }

    private Tensor? Anchored(Tensor observations, Tensor masks)
    {
        using IDisposable quiet = no_grad();
        return anchor?.Distributions(observations, masks).LogProbs;
    }

    private static float[] Copy(Tensor values)
    {
        using var scope = NewDisposeScope();
        return values.detach().cpu().data<float>().ToArray();
    }

    private void Shuffle(long[] order)
    {
        for (int i = order.Length - 1; i > 0; i--)
        {
            int other = shuffling.NextInt(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }
    }
}
