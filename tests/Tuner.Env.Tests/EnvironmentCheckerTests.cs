using Tuner.Env.Toys;

namespace Tuner.Env.Tests;

public sealed class EnvironmentCheckerTests
{
    private static readonly FlatAction[] Table =
    [
        new("hold", [FlatAction.Hold, FlatAction.Hold, FlatAction.Hold]),
        new("first to 2", [2, FlatAction.Hold, FlatAction.Hold]),
        new("last to 4", [FlatAction.Hold, FlatAction.Hold, 4]),
    ];

    private static IEnumerable<TestCaseData> Sound()
    {
        yield return new TestCaseData(new CartPole()).SetArgDisplayNames("CartPole");
        yield return new TestCaseData(new Acrobot()).SetArgDisplayNames("Acrobot");
        yield return new TestCaseData(new MaskedHeadsToy()).SetArgDisplayNames("MaskedHeadsToy");
        yield return new TestCaseData(new FlatActionEnvironment(new MaskedHeadsToy(), Table)).SetArgDisplayNames("FlatActionEnvironment");
    }

    [TestCaseSource(nameof(Sound))]
    public void Check_SoundEnvironment_FindsNothing(IEnvironment environment)
        => Assert.That(EnvironmentChecker.Check(environment), Is.Empty);

    [Test]
    public void Check_EnvironmentThatForgetsItsSeed_FindsIt()
        => Assert.That(EnvironmentChecker.Check(new Forgetful()), Has.Some.Contains("different observations"));

    private sealed class Forgetful : IEnvironment
    {
        private readonly CartPole inner = new();
        private ulong resets;

        public Tuner.Env.Spaces.BoxSpace ObservationSpace => inner.ObservationSpace;

        public Tuner.Env.Spaces.MultiDiscreteSpace ActionSpace => inner.ActionSpace;

        public IReadOnlyList<string> InfoNames => inner.InfoNames;

        public void Reset(ulong? seed, IReadOnlyDictionary<string, double>? options, Span<float> observation)
            => inner.Reset(resets++, options, observation);

        public StepResult Step(ReadOnlySpan<int> action, Span<float> observation) => inner.Step(action, observation);

        public void WriteActionMask(Span<bool> mask) => inner.WriteActionMask(mask);

        public void WriteInfo(Span<double> info) => inner.WriteInfo(info);
    }
}
