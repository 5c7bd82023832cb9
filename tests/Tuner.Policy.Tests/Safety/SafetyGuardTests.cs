using Tuner.Policy.Knobs;
using Tuner.Policy.Safety;
using Tuner.Policy.Telemetry;
using Tuner.Policy.Tests.Hosting;

namespace Tuner.Policy.Tests.Safety;

public sealed class SafetyGuardTests
{
    private static readonly KnobSettings Now = FileEngine.Operators;
    private static readonly WindowMetrics Window = FileEngine.Good;
    private readonly JumpingClock time = new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));

    [Test]
    public void Mask_EngineThatCanDoNothing_AllowsOnlyWhatIs()
        => AssertOnlyStays(Guard().Mask(Now, Window, default, _ => true));

    [Test]
    public void Mask_EngineThatCanDoAll_AllowsAllButTheEndsOfLadders()
    {
        KnobMask mask = Guard().Mask(Now with { MaxBatchLevel = 2 }, Window, KnobCapabilities.AllLive, _ => true);

        Assert.That(mask.Allows(Knob.MaxBatch, (int)LadderMove.Up), Is.False);
        Assert.That(mask.Allows(Knob.MaxBatch, (int)LadderMove.Down), Is.True);
        Assert.That(mask.Allows(Knob.BatchWait, (int)LadderMove.Down), Is.False);
        for (int mode = 0; mode < 4; mode++)
            Assert.That(mask.Allows(Knob.Parallelism, mode), Is.True);
    }

    [Test]
    public void Mask_SettingsThatDoNotFit_AreForbidden()
    {
        KnobMask mask = Guard().Mask(Now, Window, KnobCapabilities.AllLive, settings => settings.Parallelism != ParallelismMode.Single);

        Assert.That(mask.Allows(Knob.Parallelism, (int)ParallelismMode.Single), Is.False);
        Assert.That(mask.Allows(Knob.Parallelism, (int)ParallelismMode.Hybrid), Is.True);
    }

    [Test]
    public void Mask_Bounds_AreKept()
    {
        SafetyGuard guard = Guard();
        guard.Options.Bound(Knob.MaxBatch, 1, 1);
        guard.Options.Bound(Knob.Speculation, 0, 0);

        KnobMask mask = guard.Mask(Now, Window, KnobCapabilities.AllLive, _ => true);

        Assert.That(mask.Allows(Knob.MaxBatch, (int)LadderMove.Up) || mask.Allows(Knob.MaxBatch, (int)LadderMove.Down) || mask.Allows(Knob.Speculation, 1), Is.False);
    }

    [Test]
    public void Mask_OverdrawnQualityBudget_LeavesLossyFormats()
    {
        KnobMask mask = Guard().Mask(Now with { KvCompression = true }, Window with { QualityBalance = -1 }, KnobCapabilities.AllLive, _ => true);

        Assert.That(mask.Allows(Knob.KvCompression, 1) || mask.Allows(Knob.Precision, 1), Is.False);
        Assert.That(mask.Allows(Knob.KvCompression, 0) && mask.Allows(Knob.Precision, 0), Is.True);
    }

    [Test]
    public void Mask_LossNobodyMeasured_LeavesTheFormatOff()
    {
        var guard = new SafetyGuard(ExamplePolicy.Contract with { Fp4Loss = null }, time);

        KnobMask mask = guard.Mask(Now, Window with { QualityBalance = 10 }, KnobCapabilities.AllLive, _ => true);

        Assert.That((mask.Allows(Knob.Precision, 1), mask.Allows(Knob.KvCompression, 1)), Is.EqualTo((false, true)));
    }

    [TestCase(KnobCapability.Live, 60), TestCase(KnobCapability.DrainAndSwap, 300), TestCase(KnobCapability.Restart, 300)]
    public void Mask_AfterAChange_TheKnobRests(KnobCapability capability, int seconds)
    {
        SafetyGuard guard = Guard();
        KnobCapabilities capabilities = KnobCapabilities.AllLive.With(Knob.Speculation, capability);
        guard.Changed(Now, Now with { Speculation = true }, onTrial: false, Window);

        time.Advance(TimeSpan.FromSeconds(seconds - 1));
        Assert.That(guard.Mask(Now, Window, capabilities, _ => true).Allows(Knob.Speculation, 1), Is.False);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(guard.Mask(Now, Window, capabilities, _ => true).Allows(Knob.Speculation, 1), Is.True);
    }

    [Test]
    public void Mask_TooManyChangesInAMinute_AllowsOnlyWhatIs()
    {
        SafetyGuard guard = Guard();
        guard.Changed(Now, Now with { Speculation = true }, onTrial: false, Window);
        guard.Changed(Now, Now with { KvPrefetch = true }, onTrial: false, Window);

        AssertOnlyStays(guard.Mask(Now, Window, KnobCapabilities.AllLive, _ => true));
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.That(guard.Mask(Now, Window, KnobCapabilities.AllLive, _ => true).Allows(Knob.MaxBatch, 2), Is.True);
    }

    [Test]
    public void Permit_AKnobWantedOnAndOff_IsNeverTurned()
    {
        SafetyGuard guard = Guard();
        for (int i = 0; i < 10; i++)
            Assert.That(guard.Permit(Now, Now with { Speculation = i % 2 == 0 }, _ => true), Is.EqualTo(Now));
    }

    [Test]
    public void Permit_WantedTwiceInARow_IsTurnedButNotDuringATrial()
    {
        SafetyGuard guard = Guard();
        KnobSettings wanted = Now with { Speculation = true, MaxBatchLevel = 2 };
        Assert.That(guard.Permit(Now, wanted, _ => true), Is.EqualTo(Now));
        Assert.That(guard.Permit(Now, wanted, _ => true), Is.EqualTo(wanted));

        guard.Changed(Now, wanted, onTrial: true, Window);
        for (int i = 0; i < 5; i++)
            Assert.That(guard.Permit(wanted, Now, _ => true), Is.EqualTo(wanted));
        guard.EndTrial();
        Assert.That(guard.Permit(wanted, Now, _ => true), Is.EqualTo(Now));
    }

    [Test]
    public void Permit_Canary_TurnsOneKnobAtATime()
    {
        SafetyGuard guard = Guard(TunerMode.Canary);
        KnobSettings wanted = Now with { Speculation = true, MaxBatchLevel = 2 };
        guard.Permit(Now, wanted, _ => true);

        KnobSettings permitted = guard.Permit(Now, wanted, _ => true);

        Assert.That(KnobSettings.Difference(Now, permitted), Is.EqualTo("MaxBatch 1→2"));
    }

    [Test]
    public void Mask_Canary_TurnsLiveKnobsOnly()
    {
        KnobMask mask = Guard(TunerMode.Canary).Mask(Now, Window, KnobCapabilities.AllLive.With(Knob.Parallelism, KnobCapability.Restart), _ => true);

        Assert.That(mask.Allows(Knob.Parallelism, 0), Is.False);
        Assert.That(mask.Allows(Knob.Speculation, 1), Is.True);
    }

    [TestCase(TunerMode.Canary, 0.92, "RollBack"), TestCase(TunerMode.Active, 0.92, "Fine"), TestCase(TunerMode.Active, 0.85, "RollBack")]
    public void Judge_AttainmentFellAfterAChange_DependsOnTheMode(TunerMode mode, double attainment, string verdict)
    {
        SafetyGuard guard = Guard(mode);
        guard.Changed(Now, Now with { Speculation = true }, onTrial: true, Window);

        Assert.That(guard.Judge(Window with { Attainment = attainment }, operators: false).Verdict.ToString(), Is.EqualTo(verdict));
    }

    [Test]
    public void Judge_AsBadAsBeforeTheChange_IsNotBlamedOnIt()
    {
        SafetyGuard guard = Guard();
        guard.Changed(Now, Now with { Speculation = true }, onTrial: true, Window with { Attainment = 0.3 });

        Assert.That(guard.Judge(Window with { Attainment = 0.28 }, operators: false).Verdict, Is.EqualTo(Judgement.Fine));
    }

    private static void AssertOnlyStays(KnobMask mask)
    {
        Span<bool> allowed = stackalloc bool[KnobSpace.LogitCount];
        mask.WriteTo(allowed);
        Assert.That(allowed.Count(true), Is.EqualTo(KnobSpace.HeadCount));
        Span<int> still = stackalloc int[KnobSpace.HeadCount];
        KnobSpace.ActionTowards(Now, Now, still);
        for (int head = 0; head < still.Length; head++)
            Assert.That(mask.Allows((Knob)head, still[head]), Is.True);
    }

    private SafetyGuard Guard(TunerMode mode = TunerMode.Active)
        => new(ExamplePolicy.Contract, time) { Options = new SafetyOptions { Mode = mode } };
}
