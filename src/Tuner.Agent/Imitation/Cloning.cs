using Tuner.Agent.Networks;
using Tuner.Agent.Ppo;
using Tuner.Agent.Torch;
using Tuner.Agent.Training;
using Tuner.Env.Simulation;
using Tuner.Policy.Observations;
using static TorchSharp.torch;

namespace Tuner.Agent.Imitation;

/// <summary>Behaviour cloning: makes what the teacher did likely (Pomerleau 1991), head by head among what was allowed, and dear mistakes unlikely.</summary>
/// <remarks>
/// The teacher sees what the apprentice cannot, so its choices look partly like luck. Where it says what every alternative would have cost, the
/// apprentice learns to choose what costs least on average over all that looks alike to it: the loss is the expected regret under its own
/// choice between the alternatives (cost-sensitive imitation as in AggreVaTe; Ross and Bagnell, arXiv:1406.5979). A little of the plain loss
/// stays beside it, which keeps the apprentice among the alternatives.
/// </remarks>
public static class Cloning
{
    private const int MinibatchSize = 256;
    private const double LearningRate = 1e-3;

    /// <summary>
    /// A cloned network is unsure wherever its lessons disagreed, in eight heads at every window. Drawn from as it is it would
    /// wander, and a layout changed by chance costs more than most tries gain: PPO could not see what they are worth.
    /// </summary>
    private const float Sharpness = 3;

    /// <summary>Regret of one request in twenty weighs as much as the plain loss of a choice.</summary>
    private const double RegretWeight = 20;

    /// <summary>Beyond this an alternative is simply bad, and how bad is no matter.</summary>
    private const double MostRegret = 0.15;

    /// <summary>
    /// Logit of a value that no teacher ever took nor tried. What the network thinks of it is chance: once led there, into a layout no lesson
    /// has shown, it may never find back.
    /// </summary>
    private const float Untaught = -1000;

    /// <summary>Weight of the plain loss of an example whose alternatives are known.</summary>
    private const float PlainShare = 0.1f;

    /// <summary>Teaches a new network; runs on the processor.</summary>
    /// <param name="options">Shape of the network and clip of its observations.</param>
    /// <param name="examples">The examples, at least one; they decide the normaliser.</param>
    /// <param name="steps">Steps of Adam; its step size falls to 0 over them.</param>
    /// <param name="seed">Decides the first weights and the minibatches.</param>
    /// <param name="cancellation">Stops between steps.</param>
    public static Apprentice Fit(PpoOptions options, Demonstrations examples, int steps, ulong seed, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(examples.Count, nameof(examples));
        int width = examples.Observations[0].Length;
        int heads = examples.HeadSizes.Length;
        ObservationNormalizer normalizer = Measure(examples, (float)options.ObservationClip);
        ParameterLayout layout = Apprentice.LayoutFor(options, width, examples.Masks[0].Length);
        set_num_threads(1);
        var padded = new HeadLayout(examples.HeadSizes);
        using IDisposable quiet = no_grad();
        using var network = new ActorCritic(layout, padded, layout.Draw(seed), CPU);
        using var adam = new Adam(network.Parameters, new float[layout.Length], new float[layout.Length], 0);
        RandomStream random = RandomStream.For(seed, "cloning");
        float[] observations = new float[MinibatchSize * width];
        long[] actions = new long[MinibatchSize * heads];
        float[] weights = new float[MinibatchSize];
        bool[] masks = new bool[MinibatchSize * padded.Length];
        int[] drawn = new int[MinibatchSize];
        float[] byRegret = new float[padded.Length * MinibatchSize];
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int row = 0; row < MinibatchSize; row++)
            {
                int example = random.NextInt(examples.Count);
                normalizer.Apply(examples.Observations[example], observations.AsSpan(row * width, width));
                padded.Pad(examples.Masks[example], masks.AsSpan(row * padded.Length, padded.Length));
                drawn[row] = example;
                weights[row] = examples.Weights[example] * (examples.Alternatives[example].Count > 1 ? PlainShare : 1);
                for (int head = 0; head < heads; head++)
                    actions[(row * heads) + head] = padded.RowOf(head, examples.Actions[example][head]);
            }

            using var scope = NewDisposeScope();
            Tensor chosen = HeadDistributions.Chosen(padded, tensor(actions).view(MinibatchSize, heads));
            Tensor penalties = HeadDistributions.Penalties(tensor(masks).view(MinibatchSize, padded.Length));
            var now = new HeadDistributions(padded, network.Actor.Forward(tensor(observations).view(MinibatchSize, width)), penalties);
            Tensor weight = tensor(weights);

            // Of the loss −Σ w·log p / n + regret; the critic's gradient stays 0.
            RegretGradient(padded, examples, drawn, now.LogProbs.data<float>().ToArray(), byRegret);
            Tensor gradient = now.JointGradient(chosen, weight.neg().div_(Scalars.Of(MinibatchSize)));
            network.Actor.Backward(gradient.add_(tensor(byRegret).view(padded.Length, MinibatchSize)));
            adam.Step(network.Gradient, LearningRate * (1 - ((double)step / steps)));
        }

        using var last = NewDisposeScope();
        float[] learned = network.Parameters.data<float>().ToArray();
        Sharpen(layout, learned);
        Forbid(layout, learned, Taught(examples));
        FiniteGuard.CheckBlocks(learned, layout, "The parameters");
        return new Apprentice(layout, learned, normalizer);
    }

    /// <summary>Gradient by the logits of the expected regret, mean over a minibatch.</summary>
    /// <remarks>
    /// With q the choice between an example's alternatives, softmax of their joint log-probabilities s, and L = Σ q·regret: ∂L/∂s = q·(regret − L).
    /// These sum to 0, so of ∂s/∂z = 1[a] − p only the first part is left.
    /// </remarks>
    private static void RegretGradient(HeadLayout layout, Demonstrations examples, ReadOnlySpan<int> drawn, ReadOnlySpan<float> logProbs, Span<float> gradient)
    {
        gradient.Clear();
        Span<double> choice = stackalloc double[64];
        for (int row = 0; row < drawn.Length; row++)
        {
            IReadOnlyList<Alternative> all = examples.Alternatives[drawn[row]];
            int count = Math.Min(all.Count, choice.Length);
            double most = double.NegativeInfinity;
            for (int i = 0; i < count; i++)
            {
                choice[i] = 0;
                for (int head = 0; head < layout.Heads; head++)
                    choice[i] += logProbs[(layout.RowOf(head, all[i].Action[head]) * drawn.Length) + row];
                most = Math.Max(most, choice[i]);
            }

            double sum = 0;
            double expected = 0;
            for (int i = 0; i < count; i++)
            {
                choice[i] = Math.Exp(choice[i] - most);
                sum += choice[i];
                expected += choice[i] * Math.Min(MostRegret, all[i].Regret);
            }

            for (int i = 0; i < count; i++)
            {
                double byJoint = choice[i] / sum * (Math.Min(MostRegret, all[i].Regret) - (expected / sum)) * RegretWeight / drawn.Length;
                for (int head = 0; head < layout.Heads; head++)
                    gradient[(layout.RowOf(head, all[i].Action[head]) * drawn.Length) + row] += (float)byJoint;
            }
        }
    }

    /// <summary>Multiplies all logits: the same likeliest choices, drawn more often.</summary>
    private static void Sharpen(ParameterLayout layout, float[] parameters)
    {
        (ParameterBlock weight, ParameterBlock bias) = ActorOutputs(layout);
        for (int i = weight.Offset; i < bias.Offset + bias.Length; i++)
            parameters[i] *= Sharpness;
    }

    /// <summary>Which values of the heads, in order of the logits, an example took or could have taken.</summary>
    private static bool[] Taught(Demonstrations examples)
    {
        bool[] taught = new bool[examples.Masks[0].Length];
        for (int i = 0; i < examples.Count; i++)
        {
            Note(examples.Actions[i], examples.HeadSizes);
            foreach (Alternative each in examples.Alternatives[i])
                Note(each.Action, examples.HeadSizes);
        }

        return taught;

        void Note(int[] action, ReadOnlySpan<int> sizes)
        {
            int offset = 0;
            for (int head = 0; head < sizes.Length; head++)
            {
                taught[offset + action[head]] = true;
                offset += sizes[head];
            }
        }
    }

    /// <summary>Makes what was never taught all but impossible, whatever is seen: PPO stays away from it too.</summary>
    private static void Forbid(ParameterLayout layout, float[] parameters, bool[] taught)
    {
        (ParameterBlock weight, ParameterBlock bias) = ActorOutputs(layout);
        int inputs = weight.Length / bias.Length;
        for (int i = 0; i < taught.Length; i++)
        {
            if (taught[i])
                continue;
            parameters.AsSpan(weight.Offset + (i * inputs), inputs).Clear();
            parameters[bias.Offset + i] = Untaught;
        }
    }

    /// <summary>The actor's last layer; the critic's blocks follow the actor's, as many.</summary>
    private static (ParameterBlock Weight, ParameterBlock Bias) ActorOutputs(ParameterLayout layout)
    {
        int last = (layout.Blocks.Count / 2) - 2;
        return (layout.Blocks[last], layout.Blocks[last + 1]);
    }

    private static ObservationNormalizer Measure(Demonstrations examples, float clip)
    {
        int length = examples.Observations[0].Length;
        var moments = new RunningMoments(length);
        foreach (float[] observation in examples.Observations)
            moments.Add(observation);
        return new ObservationNormalizer([.. moments.Mean.Select(mean => (float)mean)], [.. Enumerable.Range(0, length).Select(i => (float)moments.Variance(i))], clip);
    }
}
