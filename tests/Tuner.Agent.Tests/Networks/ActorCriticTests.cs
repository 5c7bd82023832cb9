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
        var heads = new HeadLayout(Heads);
        using var network = new ActorCritic(layout, heads, parameters, torch.CPU);
        float[] observation = Observation();
        using var scope = torch.NewDisposeScope();
        float[] rows = network.Actor.Forward(torch.tensor(observation).view(1, -1)).contiguous().data<float>().ToArray();
        float value = network.Critic.Forward(torch.tensor(observation).view(1, -1)).item<float>();
        var managed = new float[9];
        var managedValue = new float[1];

        layout.Actor(parameters).Forward(observation, managed);
        layout.Critic(parameters).Forward(observation, managedValue);

        Assert.That(managed, Is.EqualTo(heads.Places.ToArray().Select(row => rows[row])).Within(1e-5));
        Assert.That(managedValue[0], Is.EqualTo(value).Within(1e-5));
    }

    [Test]
    public void HeadDistributions_UnequalMaskedHeads_MatchTheManagedProbabilityAndEntropy()
    {
        ParameterLayout layout = Layout(out float[] parameters);
        var heads = new HeadLayout(Heads);
        using var network = new ActorCritic(layout, heads, parameters, torch.CPU);
        float[] observation = Observation();
        bool[] mask = [true, false, true, true, true, true, false, true, false];
        int[] action = [2, 1, 1];
        var padded = new bool[heads.Length];
        heads.Pad(mask, padded);
        using var scope = torch.NewDisposeScope();

        var now = new HeadDistributions(heads, network.Actor.Forward(torch.tensor(observation).view(1, -1)), HeadDistributions.Penalties(torch.tensor(padded).view(1, -1)));
        torch.Tensor chosen = HeadDistributions.Chosen(heads, torch.tensor(action.Select((value, head) => (long)heads.RowOf(head, value)).ToArray()).view(1, -1));

        var logits = new float[9];
        layout.Actor(parameters).Forward(observation, logits);
        double expected = 0;
        for (int head = 0, offset = 0; head < 3; offset += Heads[head], head++)
        {
            double[] weights = [.. Enumerable.Range(offset, Heads[head]).Where(k => mask[k]).Select(k => Math.Exp(logits[k]))];
            expected -= weights.Sum(w => w / weights.Sum() * Math.Log(w / weights.Sum()));
        }

        Assert.That(now.Joint(chosen).item<float>(), Is.EqualTo(MaskedChoice.LogProbability(logits, Heads, mask, action)).Within(1e-5));
        Assert.That(now.Entropy.item<float>(), Is.EqualTo(expected).Within(1e-5));
        float[] probs = now.Probs.contiguous().data<float>().ToArray();
        Assert.That(heads.Places.ToArray().Where((_, i) => !mask[i]).Select(row => probs[row]), Is.All.Zero, "what is forbidden has no probability at all");
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
