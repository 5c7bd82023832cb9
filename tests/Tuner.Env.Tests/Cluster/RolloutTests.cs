using Tuner.Env.Evaluation;
using Tuner.Env.Measurement;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Cluster;

/// <summary>Changes that unfold replica by replica, drain or overlap with serving.</summary>
public sealed class RolloutTests
{
    private static readonly Scenario H200 = ScenarioFile.Load("llama70b-8xh200");

    [Test]
    public void Layout_AllAtOnce_ServesNobodyForAWhile()
        => Assert.That(LeastTokensInASecond(H200), Is.Zero);

    [Test]
    public void Layout_Rolling_NeverStopsServing()
    {
        Scenario rolling = H200 with { Switching = H200.Switching with { Rolling = true } };
        Assert.That(LeastTokensInASecond(rolling), Is.GreaterThan(300));
    }

    [Test]
    public void Layout_Rolling_TakesTheGroupsOneAfterAnother()
    {
        Scenario rolling = H200 with { Switching = H200.Switching with { Rolling = true } };
        ServingCluster cluster = Serving(rolling, Lab.Poisson(1, 4, 60, 800, 200), out _);
        cluster.Advance(10);
        cluster.Change(cluster.Settings with { Parallelism = ParallelismMode.Single });
        double began = cluster.NowSeconds;
        while (cluster.IsChanging)
        {
            cluster.Advance(cluster.NowSeconds + 0.05);
            cluster.CheckInvariants();
        }

        // Four pairs of GPUs, two seconds each; a step in progress ends first.
        Assert.That(cluster.NowSeconds - began, Is.InRange(8, 8.6));
    }

    [TestCase(InFlightRule.Keep), TestCase(InFlightRule.Drain), TestCase(InFlightRule.Recompute)]
    public void Layout_Changed_LosesNobody(InFlightRule rule)
    {
        foreach (bool rolls in (bool[])[false, true])
        {
            Scenario scenario = H200 with { Switching = H200.Switching with { InFlight = rule, Rolling = rolls } };
            TrafficTrace trace = Lab.Poisson(2, 6, 60, 800, 300);
            ServingCluster cluster = Serving(scenario, trace, out OutcomeTable table);
            double prompts = 0;
            ParallelismMode[] modes = [ParallelismMode.Single, ParallelismMode.Hybrid, ParallelismMode.Pipeline, ParallelismMode.Tensor];
            for (int i = 0; i < 40; i++)
            {
                cluster.Advance(cluster.NowSeconds + 5);
                cluster.CheckInvariants();
                prompts += cluster.TakeWindow().PromptTokensPerSecond * 5;
                if (i < 8)
                    cluster.Change(cluster.Settings with { Parallelism = modes[i % 4] });
            }

            Assert.That(cluster.InFlight, Is.Zero);
            Assert.That(table.Finish().Select(each => each.Ending), Is.All.EqualTo(RequestEnding.Completed));
            double asked = trace.PromptTokens.ToArray().Sum(tokens => (double)tokens);
            if (rule == InFlightRule.Recompute)
                Assert.That(prompts, Is.GreaterThan(1.02 * asked), "what ran was computed again");
            else
                Assert.That(prompts, Is.EqualTo(asked).Within(0.1).Percent);
        }
    }

    [Test]
    public void Layout_Drained_FinishesWhatRunsBeforeItStops()
    {
        Scenario draining = H200 with { Switching = H200.Switching with { InFlight = InFlightRule.Drain } };
        ServingCluster cluster = Serving(draining, Lab.Burst(20, 500, 400), out _);
        cluster.Advance(2);
        cluster.TakeWindow();
        cluster.Change(cluster.Settings with { Parallelism = ParallelismMode.Single });
        cluster.Advance(2.5);
        Assert.That(cluster.TakeWindow().OutputTokensPerSecond, Is.Positive, "it serves on");
        Assert.That(cluster.IsChanging);
        cluster.Advance(40);
        WindowMetrics window = cluster.TakeWindow();
        Assert.That(window.Completed, Is.EqualTo(20));
        Assert.That(window.SwitchShare, Is.Positive);
        Assert.That(cluster.IsChanging, Is.False);
    }

    [Test]
    public void Draft_LoadedWhileServing_PausesNobody()
    {
        Scenario background = H200 with { Switching = H200.Switching with { LoadsWhileServing = true } };
        WindowMetrics stopped = Speculating(H200);
        WindowMetrics served = Speculating(background);
        Assert.That(stopped.SwitchShare, Is.Positive);
        Assert.That(served.SwitchShare, Is.Zero);
        Assert.That(served.DraftAcceptance, Is.Positive, "and then it speculates");
        Assert.That(served.OutputTokensPerSecond, Is.GreaterThanOrEqualTo(stopped.OutputTokensPerSecond));
    }

    [Test]
    public void Weights_BothResident_CostKvMemory()
    {
        Scenario b200 = ScenarioFile.Load("llama70b-8xb200");
        PoolSpec pool = b200.LayoutOf(ParallelismMode.Tensor).Pools[0];
        int one = (b200 with { BothPrecisionsResident = false }).PlanFor(pool, b200.DefaultSettings).KvBlocks;
        int both = (b200 with { BothPrecisionsResident = true }).PlanFor(pool, b200.DefaultSettings).KvBlocks;
        Assert.That(both, Is.LessThan(one));
    }

    [Test]
    public void Change_DuringAChange_GoesOnFromWhereItStands()
    {
        Scenario rolling = H200 with { Switching = H200.Switching with { Rolling = true } };
        TrafficTrace trace = Lab.Poisson(3, 5, 60, 800, 200);
        ServingCluster cluster = Serving(rolling, trace, out OutcomeTable table);
        cluster.Advance(10);
        cluster.Change(cluster.Settings with { Parallelism = ParallelismMode.Single });
        cluster.Advance(13);
        cluster.Change(cluster.Settings with { Parallelism = ParallelismMode.Tensor, KvCompression = true });
        cluster.CheckInvariants();
        cluster.Advance(14);
        cluster.Change(cluster.Settings with { Parallelism = ParallelismMode.Hybrid });
        cluster.Advance(200);
        cluster.CheckInvariants();
        Assert.That(cluster.IsChanging, Is.False);
        Assert.That(table.Finish().Select(each => each.Completed), Is.All.True);
    }

    [Test]
    public void Pool_WithSettingsOfItsOwn_KeepsThemWhateverTheKnobsSay()
    {
        Scenario scenario = H200 with
        {
            Layouts = [new LayoutSpec([new PoolSpec(4, 1, 1) { KvCompression = true }, new PoolSpec(4, 1, 1) { Speculation = false }]), null, null, null],
            DefaultSettings = H200.DefaultSettings with { Parallelism = ParallelismMode.Single, Speculation = true },
        };
        IReadOnlyList<PoolSpec> pools = scenario.LayoutOf(ParallelismMode.Single).Pools;
        Assert.That(scenario.EngineFor(pools[0], scenario.DefaultSettings) is { KvCompression: true, Draft: not null });
        Assert.That(scenario.EngineFor(pools[1], scenario.DefaultSettings) is { KvCompression: false, Draft: null });
        TrafficTrace trace = Lab.Poisson(4, 6, 60, 500, 200);
        ServingCluster cluster = Serving(scenario, trace, out OutcomeTable table);
        cluster.Advance(200);
        double[] losses = [.. table.Finish().Select(each => Math.Round(each.QualityLoss, 6)).Distinct().Order()];
        Assert.That(losses, Has.Length.EqualTo(2), "one pool loses, the other does not");
    }

    private static WindowMetrics Speculating(Scenario scenario)
    {
        ServingCluster cluster = Serving(scenario, Lab.Poisson(5, 4, 60, 500, 300), out _);
        cluster.Advance(20);
        cluster.TakeWindow();
        cluster.Change(cluster.Settings with { Speculation = true });
        cluster.CheckInvariants();
        cluster.Advance(30);
        cluster.CheckInvariants();
        return cluster.TakeWindow();
    }

    private static double LeastTokensInASecond(Scenario scenario)
    {
        ServingCluster cluster = Serving(scenario, Lab.Poisson(1, 10, 60, 500, 300), out _);
        cluster.Advance(20);
        cluster.TakeWindow();
        cluster.Change(cluster.Settings with { Parallelism = ParallelismMode.Single });
        double least = double.PositiveInfinity;
        for (int second = 0; second < 15; second++)
        {
            cluster.Advance(cluster.NowSeconds + 1);
            least = Math.Min(least, cluster.TakeWindow().OutputTokensPerSecond);
        }

        return least;
    }

    private static ServingCluster Serving(Scenario scenario, TrafficTrace trace, out OutcomeTable table)
    {
        table = new OutcomeTable(trace);
        return new ServingCluster(scenario, Lab.Costs(scenario), trace, scenario.DefaultSettings) { Sink = table };
    }
}
