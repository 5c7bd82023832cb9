using Tuner.Agent.Imitation;
using Tuner.Agent.Ppo;
using Tuner.Agent.Training;
using Tuner.Env.Toys;
using Tuner.Policy.Inference;

namespace Tuner.Agent.Tests.Imitation;

public sealed class CloningTests
{
    private static readonly int[] Heads = [4, 2, 5];

    [Test]
    public void Fit_TeacherThatReadsTheObservation_IsImitated()
    {
        Apprentice apprentice = Cloning.Fit(Small(), Lessons(), 400, seed: 3);

        Assert.That(Enumerable.Range(0, 4).Select(context => Choice(apprentice, context)), Is.EqualTo(Enumerable.Range(0, 4).Select(Wanted)));
    }

    [Test]
    public void Fit_ContradictingTeachers_TheWeightierWins()
    {
        var lessons = new Demonstrations(Heads);
        bool[] mask = AllowAll();
        for (int i = 0; i < 30; i++)
        {
            lessons.Add(Observation(0), mask, [i % 3 == 0 ? 1 : 2, 0, 0], i % 3 == 0 ? 4 : 0.5);
            lessons.Add(Observation(1), mask, [3, 0, 0]);
        }

        Assert.That(Choice(Cloning.Fit(Small(), lessons, 300, seed: 3), 0)[0], Is.EqualTo(1));
    }

    [Test]
    public void Fit_ChoiceThatIsUsuallyBestButSometimesRuinous_YieldsToTheOneThatCostsLeast()
    {
        // Seven times in ten action 1 is a little better than 2; else it is far worse. The likeliest label is 1, the least regret 2.
        var lessons = new Demonstrations(Heads);
        for (int i = 0; i < 60; i++)
        {
            bool usual = i % 10 < 7;
            lessons.Add(Observation(0), AllowAll(), [usual ? 1 : 2, 0, 0], 1, [new Alternative([1, 0, 0], usual ? 0 : 0.1), new Alternative([2, 0, 0], usual ? 0.01 : 0)]);
            lessons.Add(Observation(1), AllowAll(), [3, 0, 0], 1, [new Alternative([3, 0, 0], 0), new Alternative([0, 0, 0], 0.05)]);
        }

        Assert.That(Choice(Cloning.Fit(Small(), lessons, 400, seed: 3), 0), Is.EqualTo(new[] { 2, 0, 0 }));
    }

    [Test]
    public void Fit_ValueNobodyTookOrTried_IsNeverChosenWhateverIsSeen()
    {
        var lessons = new Demonstrations(Heads);
        for (int i = 0; i < 20; i++)
            lessons.Add(Observation(i % 4), AllowAll(), [1, 0, 2], 1, [new Alternative([1, 0, 2], 0), new Alternative([2, 1, 0], 0.02)]);
        Apprentice apprentice = Cloning.Fit(Small(), lessons, 50, seed: 3);

        var random = new Random(1);
        var chosen = new HashSet<(int, int)>();
        for (int i = 0; i < 200; i++)
        {
            int[] action = Choice(apprentice, [.. Observation(0).Select(_ => 40 * (random.NextSingle() - 0.5f))]);
            chosen.UnionWith(action.Select((value, head) => (head, value)));
        }

        Assert.That(chosen, Is.SubsetOf(new[] { (0, 1), (0, 2), (1, 0), (1, 1), (2, 2), (2, 0) }));
    }

    [Test]
    public void Fit_SameSeed_GivesTheSameBits()
        => Assert.That(Cloning.Fit(Small(), Lessons(), 50, seed: 3).Parameters, Is.EqualTo(Cloning.Fit(Small(), Lessons(), 50, seed: 3).Parameters));

    [Test]
    public void Add_ForbiddenAction_IsRefused()
    {
        bool[] mask = AllowAll();
        mask[2] = false;

        Assert.That(() => new Demonstrations(Heads).Add(Observation(0), mask, [2, 0, 0]), Throws.ArgumentException);
    }

    [Test]
    public void Trainer_CriticWarmup_LeavesTheApprenticeAsItIs()
    {
        PpoOptions options = Small();
        options.CriticWarmupUpdates = 2;
        Apprentice apprentice = Cloning.Fit(options, Lessons(), 100, seed: 3);
        using var trainer = new PpoTrainer(_ => new MaskedHeadsToy(), options, 4, apprentice);

        trainer.Run(2 * 128);
        float[] after = trainer.ExportNetwork().Network.Layers[0].CopyWeights();
        trainer.Run(4 * 128);

        Assert.That(after, Is.EqualTo(apprentice.Network.Layers[0].CopyWeights()));
        Assert.That(trainer.ExportNetwork().Network.Layers[0].CopyWeights(), Is.Not.EqualTo(after));
    }

    [Test]
    public void Trainer_HeavyAnchor_StaysWithTheApprentice()
    {
        double Moved(double weight)
        {
            PpoOptions options = Small();
            options.AnchorWeight = weight;
            options.TargetKl = null;
            Apprentice apprentice = Cloning.Fit(options, Lessons(), 100, seed: 3);
            using var trainer = new PpoTrainer(_ => new MaskedHeadsToy(), options, 4, apprentice);
            trainer.Run(2048);
            double moved = 0;
            for (int context = 0; context < 4; context++)
            {
                float[] before = Logits(apprentice.Network, apprentice, context);
                float[] after = Logits(trainer.ExportNetwork().Network, apprentice, context);
                int[] wanted = Wanted(context);
                moved += Math.Abs(MaskedChoice.LogProbability(before, Heads, AllowAll(), wanted) - MaskedChoice.LogProbability(after, Heads, AllowAll(), wanted));
            }

            return moved;
        }

        Assert.That(Moved(20), Is.LessThan(0.5 * Moved(0)));
    }

    [Test]
    public void Resume_WithApprentice_ReachesTheBitsOfAnUnbrokenRun()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("tuner-apprentice-").FullName, "run.checkpoint");
        try
        {
            Apprentice apprentice = Cloning.Fit(Small(), Lessons(), 100, seed: 3);
            using var whole = new PpoTrainer(_ => new MaskedHeadsToy(), Small(), 4, apprentice);
            whole.Run(512);
            using (var first = new PpoTrainer(_ => new MaskedHeadsToy(), Small(), 4, apprentice))
            {
                using var stop = new CancellationTokenSource();
                first.Run(512, new Stopper(stop), stop.Token);
                Assert.That(first.Steps, Is.EqualTo(128));
                first.SaveCheckpoint(path);
            }

            var given = new List<Apprentice?>();
            using PpoTrainer second = PpoTrainer.Resume(path, Make);
            second.Run(512);

            Assert.That(second.StateBytes(), Is.EqualTo(whole.StateBytes()));
            Assert.That(second.Apprentice!.Network.Layers[0].CopyWeights(), Is.EqualTo(apprentice.Network.Layers[0].CopyWeights()));
            Assert.That(given, Is.EqualTo(Enumerable.Repeat(second.Apprentice, Small().Environments)));

            MaskedHeadsToy Make(Apprentice? clone, int index)
            {
                given.Add(clone);
                return new MaskedHeadsToy();
            }
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    private static PpoOptions Small() => new() { Environments = 2, Threads = 1, RolloutSteps = 64, MinibatchSize = 64, Epochs = 4, LearningRate = 3e-3, HiddenLayers = [16] };

    private static Demonstrations Lessons()
    {
        var lessons = new Demonstrations(Heads);
        for (int i = 0; i < 40; i++)
            lessons.Add(Observation(i % 4), AllowAll(), Wanted(i % 4));
        return lessons;
    }

    private static int[] Wanted(int context) => [context, context % 2, 4 - context];

    private static float[] Observation(int context) => [.. Enumerable.Range(0, 4).Select(i => i == context ? 1f : 0f)];

    private static bool[] AllowAll() => [.. Enumerable.Repeat(true, Heads.Sum())];

    private static float[] Logits(PolicyNetwork network, Apprentice apprentice, int context) => Logits(network, apprentice, Observation(context));

    private static float[] Logits(PolicyNetwork network, Apprentice apprentice, float[] observation)
    {
        apprentice.Normalizer.Apply(observation, observation);
        float[] logits = new float[Heads.Sum()];
        network.Forward(observation, logits);
        return logits;
    }

    private static int[] Choice(Apprentice apprentice, int context) => Choice(apprentice, Observation(context));

    private static int[] Choice(Apprentice apprentice, float[] observation)
    {
        int[] action = new int[Heads.Length];
        MaskedChoice.Greedy(Logits(apprentice.Network, apprentice, observation), Heads, AllowAll(), action);
        return action;
    }

    private sealed class Stopper(CancellationTokenSource stop) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => stop.Cancel();
    }
}
