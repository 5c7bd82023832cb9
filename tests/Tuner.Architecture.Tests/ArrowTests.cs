using System.Reflection;

namespace Tuner.Architecture.Tests;

internal sealed class ArrowTests
{
    private static readonly string[] HeavyPrefixes = ["TorchSharp", "ManagedCuda", "MathNet", "ScottPlot", "Spectre"];

    [TestCase("Tuner.Policy", new string[0])]
    [TestCase("Tuner.Engines", new[] { "Tuner.Policy" })]
    [TestCase("Tuner.Engines.Kubernetes", new[] { "Tuner.Engines", "Tuner.Policy" })]
    [TestCase("Tuner.Env", new[] { "Tuner.Policy" })]
    [TestCase("Tuner.WhatIf", new[] { "Tuner.Env", "Tuner.Policy" })]
    [TestCase("Tuner.Kernels", new[] { "Tuner.Env", "Tuner.Policy" })]
    [TestCase("Tuner.Agent", new[] { "Tuner.Env", "Tuner.Policy" })]
    public void Room_ReferencesOfOtherRooms_PointOneWay(string room, string[] allowed)
    {
        string[] found = [.. References(room).Where(name => name.StartsWith("Tuner.", StringComparison.Ordinal))];

        Assert.That(found, Is.SubsetOf(allowed));
    }

    [TestCase("Tuner.Policy"), TestCase("Tuner.Engines")]
    public void Room_ThatAServingStackTakes_NeedsTheBaseLibraryAndHostingAlone(string room)
    {
        string[] found = [.. References(room).Where(name => !name.StartsWith("System", StringComparison.Ordinal) && !name.StartsWith("Microsoft.Extensions", StringComparison.Ordinal) && name is not ("netstandard" or "Microsoft.Win32.Primitives" or "Tuner.Policy"))];

        Assert.That(found, Is.Empty);
    }

    [Test]
    public void Env_References_KnowNeitherTorchNorCuda()
    {
        string[] found = [.. References("Tuner.Env").Where(name => name.Contains("Torch", StringComparison.Ordinal) || name.Contains("Cuda", StringComparison.OrdinalIgnoreCase))];

        Assert.That(found, Is.Empty);
    }

    [Test]
    public void Policy_Assembly_StaysUnderAMegabyte()
        => Assert.That(new FileInfo(Assembly.Load("Tuner.Policy").Location).Length, Is.LessThan(1_000_000));

    [TestCase("Tuner.Policy"), TestCase("Tuner.Engines")]
    public void Room_ThatIsPublishedAheadOfTime_SaysItIsTrimmable(string room)
        => Assert.That(
            Assembly.Load(room).GetCustomAttributes<AssemblyMetadataAttribute>().Any(each => each is { Key: "IsTrimmable", Value: "True" }), Is.True, "IsAotCompatible in the project file says so, and turns the analysers on");

    [Test]
    public void Policy_References_HoldNothingHeavy()
        => Assert.That(References("Tuner.Policy").Where(name => HeavyPrefixes.Any(heavy => name.StartsWith(heavy, StringComparison.Ordinal))), Is.Empty);

    private static IEnumerable<string> References(string assembly) => Assembly.Load(assembly).GetReferencedAssemblies().Select(name => name.Name!);
}
