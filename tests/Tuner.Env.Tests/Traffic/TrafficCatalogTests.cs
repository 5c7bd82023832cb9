namespace Tuner.Env.Traffic;

public sealed class TrafficCatalogTests
{
    [TestCase("conversation"), TestCase("mixed-day")]
    public void Open_PresetWithSeed_IsThePresetUnderThatSeedAndNamedInFull(string preset)
    {
        ITrafficSource named = TrafficCatalog.Open($"{preset}@1001", 5, 120);
        Assert.That(named.Name, Is.EqualTo($"{preset}@1001"));
        InferenceRequest[] requests = [.. named];
        Assert.That(Shape(requests), Is.EqualTo(Shape(TrafficPresets.Open(preset, 1001, 120))));
        Assert.That(Shape(requests), Is.Not.EqualTo(Shape(TrafficPresets.Open(preset, 5, 120))));
    }

    [TestCase("mixed-day@"), TestCase("mixed-day@-1"), TestCase("mixed-day@x")]
    public void Open_SeedThatIsNoNumber_SaysWhatWasExpected(string name)
        => Assert.That(() => TrafficCatalog.Open(name, 1), Throws.TypeOf<TrafficFormatException>().With.Message.Contains("mixed-day@1001"));

    [TestCase("nothing@3"), TestCase("nothing")]
    public void Open_UnknownName_ListsThePresets(string name)
    {
        Assert.That(TrafficCatalog.Has(name), Is.False);
        Assert.That(() => TrafficCatalog.Open(name, 1), Throws.TypeOf<TrafficFormatException>().With.Message.Contains("mixed-day"));
    }

    [Test]
    public void Has_PresetWithSeed_IsTrue() => Assert.That(TrafficCatalog.Has("mixed-day@1001"), Is.True);

    private static (double, int, int)[] Shape(IEnumerable<InferenceRequest> requests)
        => [.. requests.Select(request => (request.ArrivalSeconds, request.PromptTokens, request.OutputTokens))];
}
