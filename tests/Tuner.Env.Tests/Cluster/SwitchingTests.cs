using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Cluster;

public sealed class SwitchingTests
{
    private const double WindowSeconds = 10;

    [Test]
    public void Layout_Changed_PausesTwoSeconds()
    {
        WindowMetrics window = After("llama70b-8xh200", settings => settings with { Parallelism = ParallelismMode.Single });
        Assert.That(window.SwitchShare * WindowSeconds, Is.EqualTo(2).Within(1e-6));
        Assert.That(window.SecondsSinceSwitch, Is.EqualTo(WindowSeconds));
    }

    [Test]
    public void Precision_BothResident_IsCheapBesideLoading()
    {
        double resident = WindowSeconds * After("llama70b-8xb200", settings => settings with { Precision = PrecisionMode.Fp8Fp4 }).SwitchShare;
        double loading = WindowSeconds * After("llama70b-8xh200", settings => settings with { Precision = PrecisionMode.Fp8Fp4 }).SwitchShare;
        Assert.That(resident, Is.EqualTo(0.05).Within(1e-6));

        // 80 layers of 3 · 8192 · 28672 feed-forward weights at 0.5625 bytes, over 2 GPUs, at 50 GB/s.
        Assert.That(loading, Is.EqualTo(0.05 + (80 * 3.0 * 8192 * 28672 * 0.5625 / 2 / 50e9)).Within(1).Percent);
    }

    [Test]
    public void KvFormat_EmptyCache_PausesFiftyMilliseconds()
        => Assert.That(WindowSeconds * After("llama8b-1xh100", settings => settings with { KvCompression = true }).SwitchShare, Is.EqualTo(0.05).Within(1e-6));

    [Test]
    public void BatchAndWait_Changed_CostNothing()
        => Assert.That(After("llama8b-1xh100", settings => settings with { MaxBatchLevel = 0, BatchWaitLevel = 1 }).SwitchShare, Is.Zero);

    [Test]
    public void Pauses_ThatOverlap_AreCountedOnce()
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xh200");
        var cluster = new ServingCluster(scenario, Lab.Costs(scenario), TrafficTrace.Of("nothing", [], 60), scenario.DefaultSettings);
        cluster.Change(cluster.Settings with { Parallelism = ParallelismMode.Single });
        cluster.Advance(1);
        cluster.Change(cluster.Settings with { KvCompression = true });
        cluster.Advance(WindowSeconds);
        WindowMetrics window = cluster.TakeWindow();
        Assert.That(window.SwitchShare * WindowSeconds, Is.EqualTo(2).Within(1e-6));
        Assert.That(window.PowerWatts, Is.EqualTo(8 * scenario.Hardware.Power.IdleWatts).Within(1e-6).Percent);
    }

    [Test]
    public void Pause_LongerThanAWindow_IsSpreadOverWindows()
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xh200");
        scenario = scenario with { Switching = scenario.Switching with { LayoutSeconds = 15 } };
        var cluster = new ServingCluster(scenario, Lab.Costs(scenario), TrafficTrace.Of("nothing", [], 60), scenario.DefaultSettings);
        cluster.Change(cluster.Settings with { Parallelism = ParallelismMode.Single });
        cluster.Advance(WindowSeconds);
        Assert.That(cluster.TakeWindow().SwitchShare, Is.EqualTo(1).Within(1e-9));
        cluster.Advance(2 * WindowSeconds);
        Assert.That(cluster.TakeWindow().SwitchShare, Is.EqualTo(0.5).Within(1e-9));
    }

    [Test]
    public void Layout_ChangedUnderLoad_KeepsRunningRequests()
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xh200");
        var cluster = new ServingCluster(scenario, Lab.Costs(scenario), Lab.Burst(40, 500, 400), scenario.DefaultSettings);
        cluster.Advance(3);
        int before = cluster.InFlight;
        cluster.TakeWindow();
        cluster.Change(cluster.Settings with { Parallelism = ParallelismMode.Single });
        cluster.CheckInvariants();
        Assert.That(cluster.InFlight, Is.EqualTo(before).And.Positive);
        cluster.Advance(60);
        WindowMetrics window = cluster.TakeWindow();
        Assert.That(window.Completed, Is.EqualTo(before));
        Assert.That(window.PromptTokensPerSecond, Is.Zero, "their KV moved with them");
    }

    private static WindowMetrics After(string name, Func<KnobSettings, KnobSettings> change)
    {
        Scenario scenario = ScenarioFile.Load(name);
        var cluster = new ServingCluster(scenario, Lab.Costs(scenario), TrafficTrace.Of("nothing", [], 60), scenario.DefaultSettings);
        cluster.Advance(WindowSeconds);
        cluster.TakeWindow();
        cluster.Change(change(cluster.Settings));
        cluster.Advance(2 * WindowSeconds);
        return cluster.TakeWindow();
    }
}
