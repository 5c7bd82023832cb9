using TorchSharp;
using Tuner.Agent.Networks;
using Tuner.Env.Simulation;
using Tuner.Policy.Inference;

namespace Tuner.Agent.Tests.Networks;

public sealed class ActorCriticTests
{
    private static readonly int[] Heads = [4, 2, 3];

    [Test]
    public void Forward_TorchAndManaged_Agree()
    {
        ParameterLayout layout = Layout(out float[] parameters);
        using var network = new ActorCritic(layout, Heads, parameters, torch.CPU);
        float[] observation = Observation();
        using var scope = torch.NewDisposeScope();
        (torch.Tensor logits, torch.Tensor values) = network.Forward(torch.tensor(observation).view(1, -1));
        var managed = new float[9];
        var value = new float[1];

        layout.Actor(parameters).Forward(observation, managed);
        layout.Critic(parameters).Forward(observation, value);

        Assert.That(managed, Is.EqualTo(logits.data<float>().ToArray()).Within(1e-5));
        Assert.That(value[0], Is.EqualTo(values.item<float>()).Within(1e-5));
    }

    [Test]
    public void Evaluate_UnequalMaskedHeads_MatchesTheManagedProbabilityAndEntropy()
    {
        ParameterLayout layout = Layout(out float[] parameters);
        using var network = new ActorCritic(layout, Heads, parameters, torch.CPU);
        float[] observation = Observation();
        bool[] mask = [true, false, true, true, true, true, false, true, false];
        int[] action = [2, 1, 1];
        var padded = new bool[3 * network.Widest];
        network.Pad(mask, padded);
        using var scope = torch.NewDisposeScope();

        (torch.Tensor logProb, torch.Tensor entropy, _) = network.Evaluate(
            torch.tensor(observation).view(1, -1), torch.tensor(new long[] { 2, 1, 1 }).view(1, -1), torch.tensor(padded).view(1, 3, -1));

        var logits = new float[9];
        layout.Actor(parameters).Forward(observation, logits);
        double expected = 0;
        for (int head = 0, offset = 0; head < 3; offset += Heads[head], head++)
        {
            double[] weights = [.. Enumerable.Range(offset, Heads[head]).Where(k => mask[k]).Select(k => Math.Exp(logits[k]))];
            expected -= weights.Sum(w => w / weights.Sum() * Math.Log(w / weights.Sum()));
        }

        Assert.That(logProb.item<float>(), Is.EqualTo(MaskedChoice.LogProbability(logits, Heads, mask, action)).Within(1e-5));
        Assert.That(entropy.item<float>(), Is.EqualTo(expected).Within(1e-5));
    }

    [TestCase(8, 5, 1.4142135), TestCase(3, 9, 0.01), TestCase(1, 64, 1.0)]
    public void OrthogonalInit_AnyShape_HasOrthogonalRowsOrColumns(int rows, int columns, double gain)
    {
        float[] weights = OrthogonalInit.Draw(rows, columns, gain, RandomStream.For(1, "test"));

        bool wide = rows <= columns;
        int count = Math.Min(rows, columns);
        float At(int vector, int k) => wide ? weights[(vector * columns) + k] : weights[(k * columns) + vector];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double dot = Enumerable.Range(0, Math.Max(rows, columns)).Sum(k => (double)At(i, k) * At(j, k));
                Assert.That(dot, Is.EqualTo(i == j ? gain * gain : 0).Within(1e-6));
            }
        }
    }

    private static ParameterLayout Layout(out float[] parameters)
    {
        var layout = new ParameterLayout(6, [64, 32], 9);
        RandomStream random = RandomStream.For(5, "weights");
        parameters = new float[layout.Length];
        for (int i = 0; i < parameters.Length; i++)
            parameters[i] = (float)(0.3 * random.NextGaussian());
        return layout;
    }

    private static float[] Observation() => [0.5f, -1.5f, 2f, 0.1f, -0.3f, 1f];
}
