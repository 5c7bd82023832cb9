using Tuner.Env.Cluster;
using Tuner.Env.Scenarios;
using Tuner.Policy.Hosting;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.WhatIf.Tests;

internal sealed class SimulatorWhatIfTests
{
    private static readonly Scenario H200 = ScenarioFile.Load("llama70b-8xh200");
    private static readonly KnobSettings Current = H200.DefaultSettings;
    private static readonly KnobSettings Speculating = Current with { Speculation = true };

    private static readonly WindowMetrics Window = new()
    {
        Seconds = 10, Arrived = 150, Completed = 148, MeanPromptTokens = 1200, PromptTokensP90 = 3000, MeanOutputTokens = 210, Running = 90,
        TtftP90 = 0.3, TpotP90 = 0.02, TtftAttainment = 1, Attainment = 1, PrefixHitRate = 0.4,
    };

    [Test]
    public async Task Predict_AskedTwice_SaysTheSame()
    {
        var whatIf = new SimulatorWhatIf(H200);

        Assert.That(await Ask(whatIf, Window, Speculating), Is.EqualTo(await Ask(whatIf, Window, Speculating)));
    }

    [Test]
    public async Task Predict_HoldingStill_ChangesNothing()
    {
        PredictedEffect effect = (await Ask(new SimulatorWhatIf(H200), Window, Current))!;

        Assert.That(effect.Attainment, Is.EqualTo(new PredictedChange(effect.Attainment.Held, effect.Attainment.Held, 0, 0)));
        Assert.That(effect.TpotP90.Difference, Is.Zero);
    }

    [Test]
    public async Task Predict_LossySettings_CostTheScenariosPoints()
    {
        PredictedEffect effect = (await Ask(new SimulatorWhatIf(H200), Window, Current with { KvCompression = true }))!;

        // Those that waited at the change may have lost less.
        Assert.That(effect.QualityLoss.Changed, Is.EqualTo(H200.Quality.KvCompressionLoss).Within(5).Percent);
        Assert.That(effect.QualityLoss.Held, Is.Zero);
    }

    [Test]
    public async Task Predict_QueueObserved_IsThereFromTheStart()
    {
        var whatIf = new SimulatorWhatIf(H200);
        PredictedEffect without = (await Ask(whatIf, Window, Speculating))!;

        PredictedEffect with = (await Ask(whatIf, Window with { Waiting = 600 }, Speculating))!;

        Assert.That(with.TtftP90.Held, Is.GreaterThan(without.TtftP90.Held + 1));
        Assert.That(with.Attainment.Held, Is.LessThan(without.Attainment.Held));
    }

    [TestCase(0), TestCase(0.3), TestCase(0.7)]
    public void Traffic_PrefixesAsObserved_AreHitAsObserved(double hitRate)
    {
        ObservedLoad load = ObservedLoad.Of([Window with { PrefixHitRate = hitRate }])!;
        var traffic = new StretchTraffic(load, H200, Current);
        var cluster = new ServingCluster(H200, new EngineCostCache(H200), traffic.Draw(1, 30, 120, 0), Current);
        cluster.Advance(30);
        cluster.TakeWindow();

        cluster.Advance(120);

        WindowMetrics served = cluster.TakeWindow();
        Assert.That(served.PrefixHitRate, Is.EqualTo(hitRate).Within(0.05));
        Assert.That(served.MeanPromptTokens, Is.EqualTo(Window.MeanPromptTokens).Within(10).Percent);
        Assert.That(served.PromptTokensP90, Is.EqualTo(Window.PromptTokensP90).Within(15).Percent);
        Assert.That(served.MeanOutputTokens, Is.EqualTo(Window.MeanOutputTokens).Within(10).Percent);
        Assert.That(served.Arrived / served.Seconds, Is.EqualTo(15).Within(10).Percent);
    }

    [TestCase(0.45), TestCase(0.52), TestCase(0.56)]
    public void Traffic_DraftsAcceptedAsObserved_AreAcceptedAsObserved(double acceptance)
    {
        ObservedLoad load = ObservedLoad.Of([Window with { DraftAcceptance = acceptance }])!;
        var cluster = new ServingCluster(H200, new EngineCostCache(H200), new StretchTraffic(load, H200, Speculating).Draw(1, 30, 120, 0), Speculating);

        cluster.Advance(120);

        Assert.That(cluster.TakeWindow().DraftAcceptance, Is.EqualTo(acceptance).Within(0.02));
    }

    [Test]
    public async Task Predict_NothingSeen_SaysNothing()
        => Assert.That(await Ask(new SimulatorWhatIf(H200), new WindowMetrics { Seconds = 10 }, Speculating), Is.Null);

    [Test]
    public void Predict_PolicyOfAnotherCluster_SaysWhereTheyDiffer()
    {
        var question = new WhatIfQuestion([Window], Current, Speculating, H200.Contract with { BatchWaitLadder = [0, 1] });

        Assert.That(async () => await new SimulatorWhatIf(H200).PredictAsync(question, CancellationToken.None), Throws.ArgumentException.With.Message.Contains("batch waits 0/1 s, expected 0/0.01"));
    }

    [Test]
    public void Predict_SettingsThatDoNotFit_SaysSo()
    {
        Scenario small = H200 with { Hardware = H200.Hardware with { MemoryBytes = 60e9 } };
        KnobSettings single = Current with { Parallelism = ParallelismMode.Single };

        Assert.That(async () => await Ask(new SimulatorWhatIf(small), Window, single), Throws.ArgumentException.With.Message.Contains("does not fit llama70b-8xh200"));
    }

    [Test]
    public void Predict_Cancelled_Stops()
        => Assert.That(
            async () => await new SimulatorWhatIf(H200).PredictAsync(new WhatIfQuestion([Window], Current, Speculating, H200.Contract), new CancellationToken(true)),
            Throws.InstanceOf<OperationCanceledException>());

    [Test]
    public void Create_OptionsOutOfRange_SaysWhatIsExpected()
        => Assert.That(() => new SimulatorWhatIf(H200, new WhatIfOptions { Seeds = 1 }), Throws.ArgumentException.With.Message.Contains("Seeds is 1; expected at least 2"));

    private static async Task<PredictedEffect?> Ask(SimulatorWhatIf whatIf, WindowMetrics window, KnobSettings proposed)
        => await whatIf.PredictAsync(new WhatIfQuestion([window], Current, proposed, H200.Contract), CancellationToken.None);
}
