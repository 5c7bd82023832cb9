using Tuner.Policy.Inference;

namespace Tuner.Policy.Tests.Inference;

public sealed class MaskedChoiceTests
{
    private static readonly int[] Heads = [3, 2];
    private static readonly float[] Logits = [3, 1, 2, 0.5f, -0.5f];

    [Test]
    public void Greedy_BestValueForbidden_TakesTheNextBest()
    {
        var action = new int[2];

        MaskedChoice.Greedy(Logits, Heads, [false, true, true, true, true], action);

        Assert.That(action, Is.EqualTo(new[] { 2, 0 }));
    }

    [Test]
    public void Sample_ManyDraws_FollowTheMaskedProbabilities()
    {
        bool[] mask = [true, false, true, true, true];
        var counts = new int[3];
        var action = new int[2];
        const int Draws = 10_000;
        for (int i = 0; i < Draws; i++)
        {
            float joint = MaskedChoice.Sample(Logits, Heads, mask, [(i + 0.5) / Draws, 0.1], action);
            counts[action[0]]++;
            Assert.That(joint, Is.EqualTo(MaskedChoice.LogProbability(Logits, Heads, mask, action)));
        }

        double first = Math.Exp(3) / (Math.Exp(3) + Math.Exp(2));
        Assert.That(counts[0] / (double)Draws, Is.EqualTo(first).Within(0.001));
        Assert.That(counts[1], Is.Zero);
    }

    [Test]
    public void LogProbability_TwoHeads_IsTheSumOverHeads()
    {
        double first = 1 - Math.Log(Math.Exp(3) + Math.Exp(1) + Math.Exp(2));
        double second = 0.5 - Math.Log(Math.Exp(0.5) + Math.Exp(-0.5));

        float joint = MaskedChoice.LogProbability(Logits, Heads, [true, true, true, true, true], [1, 0]);

        Assert.That(joint, Is.EqualTo(first + second).Within(1e-6));
    }

    [Test]
    public void Greedy_HeadWithNothingAllowed_NamesTheHead()
        => Assert.That(
            () => MaskedChoice.Greedy(Logits, Heads, [true, true, true, false, false], new int[2]),
            Throws.ArgumentException.With.Message.Contains("Head 1"));
}
