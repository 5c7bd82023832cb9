using FsCheck;
using FsCheck.Fluent;
using Tuner.Env.Fuzzing;

namespace Tuner.Env.Cluster;

public sealed class FuzzTests
{
    private const int Cases = 300;

    private static readonly string Found = Path.Combine(AppContext.BaseDirectory, "Fuzzing", "Found");

    private static IEnumerable<string> Names => Directory.EnumerateFiles(Found, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal);

    [Test]
    public void Cluster_AnyScenarioTrafficAndActions_KeepsItsPromises()
        => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(Cases).WithReplay(new Replay(new Rnd(1), null)),
            Prop.ForAll(CaseGenerator.Arbitrary, drawn => { ClusterProperties.Check(drawn); }));

    /// <summary>What fuzzing found once, named after what was wrong.</summary>
    [TestCaseSource(nameof(Names))]
    public void Cluster_WhatFuzzingFound_HoldsNow(string name)
        => Assert.That(() => ClusterProperties.Check(FuzzCase.Parse(File.ReadAllText(Path.Combine(Found, name + ".json")))), Throws.Nothing);
}
