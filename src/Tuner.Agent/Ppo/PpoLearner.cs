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
    private readonly bool twoThreads;

    /// <summary>Prepares to learn.</summary>
    /// <param name="options">How.</param>
    /// <param name="layout">Where parameters lie.</param>
    /// <param name="heads">The action heads.</param>
    /// <param name="state">Where to begin.</param>
    /// <param name="shuffling">Orders minibatches.</param>
    /// <param name="anchored">Parameters of the policy to stay near; null for none.</param>
    public PpoLearner(PpoOptions options, ParameterLayout layout, HeadLayout heads, LearnerState state, RandomStream shuffling, float[]? anchored = null)
    {
        if (options.Device == "cuda" && !cuda.is_available())
            throw new InvalidOperationException("Device is cuda, but libtorch finds no CUDA device: it needs the CUDA build of libtorch and an NVIDIA driver; cpu always works.");
        this.options = options;
        this.shuffling = shuffling;
        device = new Device(options.Device);
        twoThreads = options.Threads != 1 && Environment.ProcessorCount > 1 && options.Device == "cpu";

        // Small networks learn fastest on one thread, and sums then have one order on every machine.
        set_num_threads(1);
        Network = new ActorCritic(layout, heads, state.Parameters, device);
        Optimizer = new Adam(Network.Parameters, state.First, state.Second, state.Steps);
        anchor = anchored is null || options.AnchorWeight == 0 ? null : new ActorCritic(layout, heads, anchored, device);
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
    /// <param name="entropyWeight">Weight of the entropy bonus.</param>
    /// <param name="criticOnly">Leaves the actor as it is.</param>
    public UpdateStats Update(Rollout rollout, double learningRate, double entropyWeight, bool criticOnly = false)
    {
        using IDisposable quiet = no_grad();
        using var scope = NewDisposeScope();
        Samples samples = WithAnchor(Samples.From(rollout, Network.Heads, device));

        var order = new long[rollout.Count];
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        var sums = new double[5];
        int minibatches = 0;
        bool stopped = false;
        for (int epoch = 0; epoch < options.Epochs && !stopped; epoch++)
        {
            using var pass = NewDisposeScope();
            Shuffle(order);
            Tensor shuffled = tensor(order).to(device);
            for (int from = 0; from < order.Length && !stopped; from += options.MinibatchSize)
            {
                // A tail of one has no deviation to normalise by.
                int size = Math.Min(options.MinibatchSize, order.Length - from);
                if (size < 2)
                    continue;
                using var inner = NewDisposeScope();
                float[] read = Differentiate(samples.Pick(shuffled.narrow(0, from, size)), entropyWeight, criticOnly);
                FiniteGuard.Check(read[0], "The policy loss");
                FiniteGuard.Check(read[1], "The value loss");
                FiniteGuard.Check(read[2], "The entropy");
                FiniteGuard.Check(read[3], "The approximate KL divergence");
                minibatches++;
                for (int i = 0; i < sums.Length; i++)
                    sums[i] += read[i];
                stopped = read[3] > 1.5 * options.TargetKl;
                if (!stopped)
                    Descend(learningRate);
            }
        }

        FiniteGuard.CheckBlocks(CopyParameters(), Network.Layout, "The parameters");
        double n = Math.Max(1, minibatches);
        return new UpdateStats(sums[0] / n, sums[1] / n, sums[2] / n, sums[3] / n, sums[4] / n, minibatches, stopped);
    }

    public void Dispose()
    {
        anchor?.Dispose();
        Optimizer.Dispose();
        Network.Dispose();
    }

    /// <summary>Adds what the policy to stay near thinks of each sample, if there is one.</summary>
    internal Samples WithAnchor(Samples samples) => anchor is null
        ? samples
        : samples with { Anchor = new HeadDistributions(Network.Heads, anchor.Actor.Forward(samples.Observations), samples.Penalties).LogProbs };

    /// <summary>Writes the gradient of PPO's loss on one minibatch to <see cref="ActorCritic.Gradient"/>.</summary>
    /// <returns>Policy loss, value loss, entropy, approximate KL divergence and share clipped: means.</returns>
    internal float[] Differentiate(Samples minibatch, double entropyWeight, bool criticOnly)
    {
        // The two networks share nothing but the length of their gradient: on two threads they come to the same bits.
        Task<float>? beside = twoThreads ? Task.Run(() => DifferentiateCritic(minibatch)) : null;
        try
        {
            float[] actor = DifferentiateActor(minibatch, entropyWeight, criticOnly);
            return [actor[0], beside is null ? DifferentiateCritic(minibatch) : beside.GetAwaiter().GetResult(), .. actor[1..]];
        }
        finally
        {
            // Its tensors die with the caller's scope; what went wrong here is what to tell.
            if (beside is not null)
                Task.WhenAny(beside).Wait();
        }
    }

    /// <summary>Puts all samples into a new order.</summary>
    internal void Shuffle(long[] order)
    {
        for (int i = order.Length - 1; i > 0; i--)
        {
            int other = shuffling.NextInt(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }
    }

    private float[] DifferentiateActor(Samples minibatch, double entropyWeight, bool criticOnly)
    {
        double share = 1.0 / minibatch.Count;
        Tensor advantages = options.NormalizeAdvantages ? PpoLoss.Normalized(minibatch.Advantages) : minibatch.Advantages;
        var now = new HeadDistributions(Network.Heads, Network.Actor.Forward(minibatch.Observations), minibatch.Penalties);
        Tensor logRatio = now.Joint(minibatch.Chosen).sub_(minibatch.LogProbs);
        Tensor ratio = logRatio.exp();
        (Tensor objective, Tensor byLogProb) = PpoLoss.ClippedSurrogate(ratio, advantages, options.ClipRange);
        if (criticOnly)
        {
            Network.ActorGradient.zero_();
        }
        else
        {
            Tensor byLogits = now.JointGradient(minibatch.Chosen, byLogProb.mul_(Scalars.Of(-share)));
            if (entropyWeight > 0)
                now.AddEntropyGradient(byLogits, entropyWeight * share);
            if (minibatch.Anchor is not null)
                now.AddDistanceGradient(byLogits, minibatch.Anchor, options.AnchorWeight * share);
            Network.Actor.Backward(byLogits);
        }

        return Copy(stack([objective.neg_(), now.Entropy, PpoLoss.ApproxKl(ratio, logRatio), PpoLoss.Clipped(ratio, options.ClipRange)]).mean([1]));
    }

    private float DifferentiateCritic(Samples minibatch)
    {
        if (twoThreads)
            set_num_threads(1);
        using IDisposable quiet = no_grad();
        using var scope = NewDisposeScope();
        Tensor values = Network.Critic.Forward(minibatch.Observations);
        (Tensor loss, Tensor byValue) = PpoLoss.Value(values.squeeze(0), minibatch.Values, minibatch.Returns, options.ValueClipRange);
        Network.Critic.Backward(byValue.mul(Scalars.Of(options.ValueWeight / minibatch.Count)).unsqueeze(0));
        return loss.mean().cpu().item<float>();
    }

    /// <summary>Takes one step of Adam along the gradient, shortened to the maximum.</summary>
    internal void Descend(double learningRate)
    {
        using IDisposable quiet = no_grad();
        using var scope = NewDisposeScope();
        float norm = Network.Gradient.norm().cpu().item<float>();
        if (!float.IsFinite(norm))
        {
            FiniteGuard.CheckBlocks(Copy(Network.Gradient), Network.Layout, "The gradient");
            FiniteGuard.Check(norm, "The gradient's norm");
        }

        if (norm > options.MaxGradientNorm)
            Network.Gradient.mul_(Scalars.Of(options.MaxGradientNorm / (norm + 1e-6)));
        Optimizer.Step(Network.Gradient, learningRate);
    }

    private static float[] Copy(Tensor values)
    {
        using var scope = NewDisposeScope();
        return values.cpu().data<float>().ToArray();
    }
}
