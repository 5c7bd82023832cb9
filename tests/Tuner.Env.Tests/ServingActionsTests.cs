using Tuner.Env.Scenarios;
using Tuner.Env.Simulation;
using Tuner.Policy.Knobs;

namespace Tuner.Env;

public sealed class ServingActionsTests
{
    private const string ScenarioName = "llama70b-8xb200";

    public static IEnumerable<string> Names => ServingActions.All.Select(action => action.Name);

    [Test]
    public void All_OfTheHeads_NamesEveryValueThatMovesSomething()
    {
        for (int head = 0; head < KnobSpace.HeadCount; head++)
        {
            bool ladder = (Knob)head is Knob.MaxBatch or Knob.BatchWait or Knob.Draft;
            int[] expected = [.. Enumerable.Range(0, KnobSpace.HeadSizes[head]).Where(value => !ladder || value != (int)LadderMove.Keep)];
            Assert.That(ServingActions.All.Select(action => action.Values[head]).Where(value => value != FlatAction.Hold), Is.EquivalentTo(expected), $"{(Knob)head}");
        }

        Assert.That(Names, Is.Unique);
    }

    [TestCaseSource(nameof(Names))]
    public void Step_OneEntryFromAnySettings_MovesItsKnobAlone(string name)
    {
        int entry = Names.ToList().IndexOf(name);
        ServingEnvironment serving = Serving(qualityBudget: 100);
        var flat = new FlatActionEnvironment(serving, ServingActions.All);
        float[] observation = new float[flat.ObservationSpace.Length];
        bool[] mask = new bool[flat.ActionSpace.TotalSize];
        RandomStream random = RandomStream.For(1, "test-entries");
        int moved = 0;
        for (ulong seed = 0; seed < 20; seed++)
        {
            flat.Reset(seed, null, observation);
            for (int step = 0; step < 6; step++)
                flat.Step([Any(flat, mask, random)], observation);
            flat.WriteActionMask(mask);
            if (!mask[entry])
                continue;
            KnobSettings before = serving.Settings;
            KnobSettings expected = Expected(name, before);
            flat.Step([entry], observation);
            Assert.That(serving.Settings, Is.EqualTo(expected), $"from {before}");
            moved += expected != before ? 1 : 0;
        }

        Assert.That(moved, name == "hold" ? Is.Zero : Is.GreaterThan(0), "the entry was tried where it matters");
    }

    [Test]
    public void Step_HoldAfterAMove_DoesNotMoveAgain()
    {
        ServingEnvironment serving = Serving();
        var flat = new FlatActionEnvironment(serving, ServingActions.All);
        float[] observation = new float[flat.ObservationSpace.Length];
        flat.Reset(1, null, observation);
        flat.Step([Names.ToList().IndexOf("max-batch=down")], observation);
        KnobSettings moved = serving.Settings;
        flat.Step([0], observation);
        flat.Step([0], observation);
        Assert.That(serving.Settings, Is.EqualTo(moved));
    }

    [Test]
    public void WriteActionMask_OfTheHeads_DecidesTheEntries()
    {
        ServingEnvironment serving = Serving();
        var flat = new FlatActionEnvironment(serving, ServingActions.All);
        float[] observation = new float[flat.ObservationSpace.Length];
        bool[] heads = new bool[serving.ActionSpace.TotalSize];
        bool[] entries = new bool[flat.ActionSpace.TotalSize];
        RandomStream random = RandomStream.For(1, "test-entries");
        int forbidden = 0;
        for (ulong seed = 0; seed < 10; seed++)
        {
            flat.Reset(seed, null, observation);
            for (int step = 0; step < 10; step++)
            {
                serving.WriteActionMask(heads);
                flat.WriteActionMask(entries);
                Assert.That(entries[0], "holding still is always allowed");
                for (int entry = 1; entry < entries.Length; entry++)
                {
                    Assert.That(entries[entry], Is.EqualTo(heads[Logit(ServingActions.All[entry])]), ServingActions.All[entry].Name);
                    forbidden += entries[entry] ? 0 : 1;
                }

                flat.Step([Any(flat, entries, random)], observation);
            }
        }

        Assert.That(forbidden, Is.GreaterThan(0));
    }

    [Test]
    public void Step_HoldWhileTheBudgetIsOverdrawn_LeavesTheLossySettings()
    {
        ServingEnvironment serving = Serving();
        var flat = new FlatActionEnvironment(serving, ServingActions.All);
        float[] observation = new float[flat.ObservationSpace.Length];
        int lossy = 0;
        for (ulong seed = 0; seed < 20; seed++)
        {
            flat.Reset(seed, null, observation);
            lossy += serving.Settings.Precision == PrecisionMode.Fp8Fp4 ? 1 : 0;
            flat.Step([0], observation);
            Assert.That(serving.Settings.Precision, Is.EqualTo(PrecisionMode.Fp8), "two windows of 4-bit weights have overdrawn the budget");
        }

        Assert.That(lossy, Is.GreaterThan(0));
    }

    [TestCaseSource(typeof(ServingEnvironmentTests), nameof(ServingEnvironmentTests.Shipped))]
    public void Environment_OverAShippedScenario_KeepsTheContract(string name)
        => Assert.That(EnvironmentChecker.Check(new FlatActionEnvironment(Serving(name), ServingActions.All)), Is.Empty);

    private static ServingEnvironment Serving(string name = ScenarioName, double? qualityBudget = null)
    {
        Scenario scenario = ScenarioFile.Load(name);
        scenario = scenario with { Quality = scenario.Quality with { Budget = qualityBudget ?? scenario.Quality.Budget } };
        return new ServingEnvironment(Lab.Costs(scenario), [Lab.Poisson(1, scenario.Gpus, 600, 800, 150)], new ServingEnvironmentOptions { EpisodeWindows = 30, RandomStartShare = 0.9, SavedBudgetShare = 0 });
    }

    private static int Any(FlatActionEnvironment flat, bool[] mask, RandomStream random)
    {
        flat.WriteActionMask(mask);
        int choice = random.NextInt(mask.Length);
        return mask[choice] ? choice : 0;
    }

    private static int Logit(FlatAction action)
    {
        int head = Enumerable.Range(0, KnobSpace.HeadCount).Single(each => action.Values[each] != FlatAction.Hold);
        return KnobSpace.LogitOf((Knob)head, action.Values[head]);
    }

    private static KnobSettings Expected(string name, KnobSettings before) => name switch
    {
        "hold" => before,
        "parallelism=single" => before with { Parallelism = ParallelismMode.Single },
        "parallelism=tensor" => before with { Parallelism = ParallelismMode.Tensor },
        "parallelism=pipeline" => before with { Parallelism = ParallelismMode.Pipeline },
        "parallelism=hybrid" => before with { Parallelism = ParallelismMode.Hybrid },
        "precision=fp8" => before with { Precision = PrecisionMode.Fp8 },
        "precision=fp8-fp4" => before with { Precision = PrecisionMode.Fp8Fp4 },
        "max-batch=down" => before with { MaxBatchLevel = before.MaxBatchLevel - 1 },
        "max-batch=up" => before with { MaxBatchLevel = before.MaxBatchLevel + 1 },
        "batch-wait=down" => before with { BatchWaitLevel = before.BatchWaitLevel - 1 },
        "batch-wait=up" => before with { BatchWaitLevel = before.BatchWaitLevel + 1 },
        "kv-compression=off" => before with { KvCompression = false },
        "kv-compression=on" => before with { KvCompression = true },
        "speculation=off" => before with { Speculation = false },
        "speculation=on" => before with { Speculation = true },
        "draft=smaller" => before with { DraftLevel = before.DraftLevel - 1 },
        "draft=larger" => before with { DraftLevel = before.DraftLevel + 1 },
        "kv-prefetch=off" => before with { KvPrefetch = false },
        "kv-prefetch=on" => before with { KvPrefetch = true },
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such entry"),
    };
}
