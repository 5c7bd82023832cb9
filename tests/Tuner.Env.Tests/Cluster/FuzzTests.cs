using FsCheck;
using FsCheck.Fluent;
using Tuner.Env.Fuzzing;

namespace Tuner.Env.Cluster;

public sealed class FuzzTests
{
    private const int Cases = 300;

    [Test]
    public void Cluster_AnyScenarioTrafficAndActions_KeepsItsPromises()
        => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(Cases).WithReplay(new Replay(new Rnd(1), null)),
            Prop.ForAll(CaseGenerator.Arbitrary, drawn => { ClusterProperties.Check(drawn); }));
}
