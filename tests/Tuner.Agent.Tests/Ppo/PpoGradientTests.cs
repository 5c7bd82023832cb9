using TorchSharp;
using Tuner.Agent.Networks;
using Tuner.Agent.Ppo;
using Tuner.Env.Simulation;

namespace Tuner.Agent.Tests.Ppo;

public sealed class PpoGradientTests
{
    private const int Count = 96;
    private const int Entries = 5;
    private static readonly int[] Sizes = [4, 2, 3];

    [TestCase(0.0, null, false, false), TestCase(0.05, null, false, false), TestCase(0.01, 0.1, false, false), TestCase(0.01, null, true, false), TestCase(0.01, 0.1, true, true)]
    public void Differentiate_UnequalMaskedHeads_EqualsAutograd(double entropyWeight, double? valueClip, bool anchored, bool criticOnly)
    {
        var options = new PpoOptions { HiddenLayers = [16, 12], ValueClipRange = valueClip, AnchorWeight = 0.3 };
        var layout = new ParameterLayout(Entries, options.HiddenLayers, Sizes.Sum());
        RandomStream random = RandomStream.For(3, "gradient");
        float[] Draw() => [.. Enumerable.Range(0, layout.Length).Select(_ => (float)(0.4 * random.NextGaussian()))];
        float[] parameters = Draw();
        float[]? anchor = anchored ? Draw() : null;
        var heads = new HeadLayout(Sizes);
        (Rollout rollout, bool[] masks, int[] actions) = Fill(random, heads);
        using var learner = new PpoLearner(options, layout, heads, new LearnerState(parameters, new float[layout.Length], new float[layout.Length], 0), random, anchor);

        using var scope = torch.NewDisposeScope();
        using IDisposable quiet = torch.no_grad();
        Samples samples = Samples.From(rollout, heads, torch.CPU);
        float[] stats = learner.Differentiate(learner.WithAnchor(samples), entropyWeight, criticOnly);
        float[] ours = learner.Network.Gradient.data<float>().ToArray();
        using IDisposable loud = torch.enable_grad();
        (double loss, float[] theirs) = new AutogradPpo(layout, Sizes, options).Differentiate(rollout, masks, actions, parameters, entropyWeight, criticOnly, anchor);

        double size = Math.Sqrt(theirs.Sum(g => (double)g * g));
        double apart = Math.Sqrt(ours.Zip(theirs).Sum(pair => Math.Pow(pair.First - pair.Second, 2)));
        Assert.That(size, Is.GreaterThan(0.01));
        Assert.That(apart / size, Is.LessThan(2e-6));
        Assert.That(stats[4], Is.InRange(0.1, 0.95), "the clip must decide for some samples and not for others");
        if (!anchored && !criticOnly)
            Assert.That(stats[0] + (options.ValueWeight * stats[1]) - (entropyWeight * stats[2]), Is.EqualTo(loss).Within(1e-5));
    }

    private static (Rollout Rollout, bool[] Masks, int[] Actions) Fill(RandomStream random, HeadLayout heads)
    {
        var rollout = new Rollout(1, Count, Entries, Sizes.Length, heads.Length);
        var masks = new bool[Count * Sizes.Sum()];
        var actions = new int[Count * Sizes.Length];
        for (int i = 0; i < rollout.Observations.Length; i++)
            rollout.Observations[i] = (float)random.NextGaussian();
        for (int at = 0; at < Count; at++)
        {
            Span<bool> mask = masks.AsSpan(at * Sizes.Sum(), Sizes.Sum());
            for (int head = 0, offset = 0; head < Sizes.Length; offset += Sizes[head], head++)
            {
                int action = random.NextInt(Sizes[head]);
                for (int value = 0; value < Sizes[head]; value++)
                    mask[offset + value] = value == action || random.NextDouble() < 0.7;
                actions[(at * Sizes.Length) + head] = action;
                rollout.Actions[(at * Sizes.Length) + head] = heads.RowOf(head, action);
            }

            heads.Pad(mask, rollout.Masks.AsSpan(at * heads.Length, heads.Length));
            rollout.LogProbs[at] = (float)(-2 + (0.5 * random.NextGaussian()));
            rollout.Values[at] = (float)(0.3 * random.NextGaussian());
            rollout.Advantages[at] = (float)random.NextGaussian();
            rollout.Returns[at] = (float)random.NextGaussian();
        }

        return (rollout, masks, actions);
    }
}
