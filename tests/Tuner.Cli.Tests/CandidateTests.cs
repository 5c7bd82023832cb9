using Tuner.Cli.Commands.Training;
using Tuner.Env.Traffic;
using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;

namespace Tuner.Cli.Tests;

internal sealed class CandidateTests
{
    private static readonly KnobSettings Settings = new(ParallelismMode.Tensor, PrecisionMode.Fp8, 1, 0, false, true, 0, false);

    [Test]
    public void Fixed_FromElsewhere_LeadsToItsSettings()
    {
        int[] action = Greedy(Candidate.Fixed("f", Settings), 1);

        Assert.That(action[(int)Knob.Parallelism], Is.EqualTo((int)ParallelismMode.Tensor));
        Assert.That(action[(int)Knob.Speculation], Is.EqualTo(1));
        Assert.That(action[(int)Knob.MaxBatch], Is.EqualTo((int)LadderMove.Keep));
    }

    [TestCase(1.001, 1.001, 1, 0), TestCase(1.2, 0.99, 1, 1), TestCase(1.2, 0.9, 1, 1), TestCase(1.05, 0.7, 1, 0), TestCase(1.2, 0.1, 1, 0), TestCase(0.97, 0.96, 1, 0), TestCase(1.2, 1, 0.8, 1)]
    public void Choose_OtherCandidate_OnlyIfClearlyBetterAndHardlyWorseWhereItLearned(double first, double second, double strange, int chosen)
    {
        HeldOutTraffic[] sources = Sources((9, HeldOutKind.Own), (1, HeldOutKind.Mixed), (1, HeldOutKind.Strange));

        Assert.That(Validation.Choose([[1, 1, 1], [first, second, strange]], sources), Is.EqualTo(chosen));
    }

    [TestCase(1.0, 2.0, 1), TestCase(0.97, 2.0, 0), TestCase(1.1, 1.0, 1)]
    public void Choose_MuchMoreOfAnotherKind_DoesNotOutweighTheUsersOwn(double own, double other, int chosen)
    {
        HeldOutTraffic[] sources = Sources((1, HeldOutKind.Own), (1, HeldOutKind.Mixed));

        Assert.That(Validation.Choose([[1, 1], [own, other]], sources), Is.EqualTo(chosen));
    }

    [Test]
    public void Choose_EqualsOnTheUsersOwn_TakesWhatCarriesMostElsewhere()
    {
        HeldOutTraffic[] sources = Sources((9, HeldOutKind.Own), (1, HeldOutKind.Mixed));

        Assert.That(Validation.Choose([[1, 1], [1.001, 1.1], [0.999, 2], [1.001, 2]], sources), Is.EqualTo(2));
    }

    [Test]
    public void Choose_EqualInTheMeanOnly_TakesWhatCarriesMoreOfTheUsersOwn()
    {
        HeldOutTraffic[] sources = Sources((1, HeldOutKind.Own), (1, HeldOutKind.Mixed));

        Assert.That(Validation.Choose([[1, 1], [1.11, 1], [1.09, 2]], sources), Is.EqualTo(1));
    }

    [TestCase(1.05, 1.05, 1), TestCase(1.06, 0.96, 0), TestCase(1.3, 1.0, 1)]
    public void Choose_LossOnOneDay_CountsTwice(double first, double second, int chosen)
    {
        HeldOutTraffic[] sources = Sources((1, HeldOutKind.Own), (1, HeldOutKind.Own));

        Assert.That(Validation.Choose([[1, 1], [first, second]], sources), Is.EqualTo(chosen));
    }

    private static HeldOutTraffic[] Sources(params (double Weight, HeldOutKind Kind)[] each)
    {
        TrafficTrace trace = TrafficTrace.Of("t", [new InferenceRequest(0, 1, 1, TrafficClass.Chat)], 1);
        return [.. each.Select(source => new HeldOutTraffic(trace, source.Weight, 10_000, source.Kind))];
    }

    private static int[] Greedy(Candidate candidate, float seen)
    {
        float[] observation = new float[ObservationSchema.FieldCount];
        observation[0] = seen;
        float[] logits = new float[KnobSpace.LogitCount];
        candidate.Network.Forward(observation, logits);
        int[] action = new int[KnobSpace.HeadCount];
        MaskedChoice.Greedy(logits, KnobSpace.HeadSizes, [.. Enumerable.Repeat(true, KnobSpace.LogitCount)], action);
        return action;
    }
}
