using FsCheck;
using FsCheck.Fluent;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Fuzzing;

/// <summary>Draws cases: a valid scenario, traffic of every unpleasant kind, actions at any instant.</summary>
internal static class CaseGenerator
{
    /// <summary>Cases, and how a failing one is made smaller.</summary>
    public static Arbitrary<FuzzCase> Arbitrary { get; } = Arb.From(
        from scenario in ScenarioGenerator.Any
        from blockTokens in Gen.Elements(16, 512)
        from requests in Gen.ArrayOf(Request)
        from actions in Gen.ScaleSize(Gen.ArrayOf(Action), size => size / 4)
        from cut in Gen.Elements(0.003, 0.1, 3, 50)
        from seed in Gen.Choose(0, int.MaxValue)
        select new FuzzCase(scenario, blockTokens, requests, actions, cut, (ulong)seed),
        CaseShrinker.Smaller);

    /// <summary>Bursts, a steady stream, silences.</summary>
    private static Gen<double> Gap => Gen.Frequency((4, Gen.Constant(0.0)), (8, ScenarioGenerator.Between(0.001, 2)), (1, ScenarioGenerator.Between(2, 2000)));

    private static Gen<int> Prompt => Gen.Frequency((1, Gen.Constant(1)), (8, Gen.Choose(1, 1000)), (4, Gen.Choose(1000, 8000)), (1, Gen.Choose(8000, 100_000)), (1, Gen.Constant(100_000_000)));

    private static Gen<int> Output => Gen.Frequency((3, Gen.Constant(1)), (1, Gen.Constant(2)), (8, Gen.Choose(2, 200)), (4, Gen.Choose(200, 2000)), (1, Gen.Choose(2000, 20_000)));

    private static Gen<FuzzRequest> Request =>
        from gap in Gap
        from prompt in Prompt
        from output in Output
        from kind in Gen.Elements(Enum.GetValues<TrafficClass>())
        from session in Gen.Choose(0, 5)
        from blocks in Gen.Frequency((2, Gen.Constant(0)), (2, Gen.Choose(1, 12)), (1, Gen.Choose(1, 60)))
        select new FuzzRequest(gap, prompt, output, kind, session, blocks);

    private static Gen<FuzzAction> Action =>
        from gap in Gap
        from heads in Gen.CollectToArray(KnobSpace.HeadSizes.ToArray(), size => Gen.Choose(0, size - 1))
        select new FuzzAction(gap, heads);
}
