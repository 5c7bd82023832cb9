using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Tests.Costs;

public sealed class MemoryVariantTests
{
    [Test]
    public void Of_HalfTheBandwidth_DoublesADecodeStepAndLeavesAPrefillAlone()
    {
        HardwareProfile measured = ProfileCatalog.Hardware("h100");
        HardwareProfile half = MemoryVariant.Of(measured, "half", measured.MemoryBytes, 0.5 * measured.MemoryBytesPerSecond);
        var decode = new BatchShape(0, 0, 0, 0, 0, 1, 1000);
        var prefill = new BatchShape(8192, 1, 0.5 * 8192 * 8192, 0, 1, 0, 0);

        Assert.Multiple(() =>
        {
            Assert.That(Seconds(half, decode) / Seconds(measured, decode), Is.InRange(1.6, 2.0));
            Assert.That(Seconds(half, prefill) / Seconds(measured, prefill), Is.InRange(1.0, 1.15));
        });
    }

    [Test]
    public void Of_TheSameMemory_TimesTheSame()
    {
        HardwareProfile measured = ProfileCatalog.Hardware("h100");
        HardwareProfile same = MemoryVariant.Of(measured, "same", measured.MemoryBytes, measured.MemoryBytesPerSecond);
        var decode = new BatchShape(0, 0, 0, 0, 0, 64, 64_000);

        Assert.That(Seconds(same, decode), Is.EqualTo(Seconds(measured, decode)).Within(1e-12));
    }

    [Test]
    public void Of_NoBandwidth_Refuses() =>
        Assert.That(() => MemoryVariant.Of(ProfileCatalog.Hardware("h100"), "none", 1e9, 0), Throws.TypeOf<ArgumentOutOfRangeException>());

    private static double Seconds(HardwareProfile profile, BatchShape batch) =>
        new MeasuredCostModel(profile).For(new EngineSpec(ProfileCatalog.Model("llama-3.1-8b"), 1, 1, PrecisionMode.Fp8, false, null, 0) { Weights = KernelPrecision.Bf16 }).Step(batch).StageSeconds;
}
