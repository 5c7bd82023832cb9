using System.Text.Json;
using TorchSharp;
using Tuner.Agent.Evaluation;
using Tuner.Agent.Ppo;
using Tuner.Agent.Training;
using Tuner.Env;
using Tuner.Env.Spaces;
using Tuner.Env.Toys;

namespace Tuner.Agent.Tests.Training;

public sealed class PpoTrainerTests
{
    private string folder = "";

    [SetUp]
    public void CreateFolder() => folder = Directory.CreateTempSubdirectory("tuner-trainer-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void Run_AnyThreadCount_ReachesTheSameBits()
    {
        byte[] Train(int threads)
        {
            PpoOptions options = Small();
            options.Threads = threads;
            using var trainer = new PpoTrainer(_ => new CartPole(), options, seed: 4);
            trainer.Run(1024);
            (var network, var normalizer) = trainer.ExportNetwork();
            return [.. network.Layers.SelectMany(layer => layer.CopyWeights()).Concat(normalizer.Mean.ToArray()).SelectMany(BitConverter.GetBytes)];
        }

        byte[] one = Train(1);
        Assert.That(Train(3), Is.EqualTo(one));
        Assert.That(Train(1), Is.EqualTo(one));
    }

    [TestCase(false), TestCase(true)]
    public void Resume_MidRun_ReachesTheBitsOfAnUnbrokenRun(bool toy)
    {
        IEnvironment Make(int index) => toy ? new MaskedHeadsToy() : new CartPole();
        string path = Path.Combine(folder, "run.checkpoint");
        using var whole = new PpoTrainer(Make, Small(), seed: 4);
        whole.Run(2048);
        using (var first = new PpoTrainer(Make, Small(), seed: 4))
        {
            using var stop = new CancellationTokenSource();
            first.Run(2048, new Told(report => Stop(report, stop)), stop.Token);
            Assert.That(first.Steps, Is.EqualTo(768));
            first.SaveCheckpoint(path);
        }

        using PpoTrainer second = PpoTrainer.Resume(path, Make);
        second.Run(2048);

        Assert.That(second.History.Select(Text), Is.EqualTo(whole.History.Select(Text)));

        static void Stop(TrainingProgress report, CancellationTokenSource stop)
        {
            if (report.Update == 3)
                stop.Cancel();
        }
    }

    [Test]
    public void Resume_DamagedCheckpoint_IsRefused()
    {
        string path = Path.Combine(folder, "run.checkpoint");
        using (var trainer = new PpoTrainer(_ => new CartPole(), Small(), seed: 4))
            trainer.SaveCheckpoint(path);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[100] ^= 1;
        File.WriteAllBytes(path, bytes);

        Assert.That(() => PpoTrainer.Resume(path, _ => new CartPole()), Throws.TypeOf<CheckpointFormatException>().With.Message.Contains("run.checkpoint"));
    }

    [Test]
    public void Run_TenThousandUpdates_KeepsMemorySteady()
    {
        var options = new PpoOptions { Environments = 1, RolloutSteps = 2, MinibatchSize = 2, Epochs = 1, HiddenLayers = [4], EntropyWeight = 0.01, ValueClipRange = 1, TargetKl = null };
        using var trainer = new PpoTrainer(_ => new CartPole(), options, seed: 4);
        trainer.Run(2 * 2_000);
        long tensors = torch.Tensor.TotalCount;
        long bytes = Environment.WorkingSet;

        trainer.Run(2 * 12_000);

        Assert.That(torch.Tensor.TotalCount, Is.EqualTo(tensors));
        Assert.That(trainer.History, Has.Count.EqualTo(12_000));
        Assert.That(Environment.WorkingSet - bytes, Is.LessThan(48 << 20), "the history grows by 1 MB; one leaked 64-byte tensor an operation would be 50");
    }

    [Test]
    public void Resume_OnOtherThreads_GoesOnAlike()
    {
        string path = Path.Combine(folder, "run.checkpoint");
        using var whole = new PpoTrainer(_ => new CartPole(), Small(), seed: 4);
        whole.Run(256);
        whole.SaveCheckpoint(path);
        whole.Run(1024);

        using PpoTrainer other = PpoTrainer.Resume(path, _ => new CartPole(), threads: 1);
        other.Run(1024);

        Assert.That(other.Options.Threads, Is.EqualTo(1));
        Assert.That(other.Learner.CopyParameters(), Is.EqualTo(whole.Learner.CopyParameters()));
    }

    [Test]
    public void Run_AnnealedEntropy_StartsAlikeAndFallsAway()
    {
        IReadOnlyList<TrainingProgress> Train(bool anneal)
        {
            PpoOptions options = Small();
            (options.EntropyWeight, options.AnnealEntropy) = (0.5, anneal);
            using var trainer = new PpoTrainer(_ => new CartPole(), options, seed: 4);
            trainer.Run(4096);
            return trainer.History;
        }

        IReadOnlyList<TrainingProgress> annealed = Train(true), steady = Train(false);
        Assert.That(annealed[0].Entropy, Is.EqualTo(steady[0].Entropy));
        Assert.That(annealed[^1].Entropy, Is.LessThan(steady[^1].Entropy));
    }

    [Test]
    public void Run_LearningRate_FallsOverTheRun()
    {
        using var trainer = new PpoTrainer(_ => new CartPole(), Small(), seed: 4);

        trainer.Run(1024);

        Assert.That(trainer.History.Select(report => report.LearningRate), Is.EqualTo(new[] { 1, 0.75, 0.5, 0.25 }.Select(share => share * 1e-3)).Within(1e-12));
    }

    [Test]
    public void Run_TinyTargetKl_StopsTheUpdateEarly()
    {
        PpoOptions options = Small();
        options.TargetKl = 1e-6;
        options.Epochs = 50;
        using var trainer = new PpoTrainer(_ => new CartPole(), options, seed: 4);

        trainer.Run(256);

        Assert.That(trainer.Learner.Optimizer.Steps, Is.LessThan(10));
    }

    [Test]
    public void Run_NonFiniteReward_NamesTheEnvironment()
    {
        using var trainer = new PpoTrainer(i => new Poisoned(i == 2), Small(), seed: 4);

        Assert.That(() => trainer.Run(256), Throws.TypeOf<NonFiniteException>().With.Message.Contains("Environment 2: reward"));
    }

    [Test]
    public void Run_MaskedHeadsToy_EarnsAtLeast99PercentOfTheBest()
    {
        var options = new PpoOptions { RolloutSteps = 64, LearningRate = 3e-3, Discount = 0.5, TargetKl = null };
        using var trainer = new PpoTrainer(_ => new MaskedHeadsToy(), options, seed: 1);

        trainer.Run(40_000);

        (var network, var normalizer) = trainer.ExportNetwork();
        Assert.That(GreedyScore.MeanReturn(network, normalizer, new MaskedHeadsToy(), 200, seed: 9), Is.GreaterThanOrEqualTo(0.99 * MaskedHeadsToy.MaxSteps));
    }

    [Test]
    public void Run_CartPole_IsSolved()
    {
        var options = new PpoOptions { RolloutSteps = 32, LearningRate = 2e-3, Discount = 0.98, Lambda = 0.9, EntropyWeight = 0 };
        using var trainer = new PpoTrainer(_ => new CartPole(), options, seed: 1);

        trainer.Run(40_000);

        (var network, var normalizer) = trainer.ExportNetwork();
        Assert.That(GreedyScore.MeanReturn(network, normalizer, new CartPole(), 50, seed: 9), Is.GreaterThanOrEqualTo(475));
    }

    [Test]
    public void TensorBoardProgress_OneReport_WritesAnEventFile()
    {
        var board = new TensorBoardProgress(folder);

        board.Report(new TrainingProgress(1, 256, 3, 21.5, 1000, 0.01, 0.6, 0.2, 0.1, -0.01, 0.5, 3e-4));

        Assert.That(Directory.GetFiles(folder, "*tfevents*", SearchOption.AllDirectories), Is.Not.Empty);
    }

    [Test]
    public void Run_EnvironmentThatMeasures_ItsMeansAreInTheHistoryAndTheCheckpoint()
    {
        string path = Path.Combine(folder, "measured.checkpoint");
        using var trainer = new PpoTrainer(_ => new MaskedHeadsToy(), Small(), seed: 1);
        trainer.Run(256);
        trainer.SaveCheckpoint(path);

        using PpoTrainer again = PpoTrainer.Resume(path, _ => new MaskedHeadsToy());
        Assert.That(trainer.History[0].Measured["correct-heads"], Is.InRange(0.3, 2.9), "of three heads, by an untaught policy");
        Assert.That(again.History[0].Measured, Is.EqualTo(trainer.History[0].Measured));
    }

    /// <summary>All of a report but how fast it went.</summary>
    private static string Text(TrainingProgress report) => JsonSerializer.Serialize(report with { StepsPerSecond = 0 });

    private static PpoOptions Small() => new()
    {
        Environments = 4, RolloutSteps = 64, MinibatchSize = 100, Epochs = 3, LearningRate = 1e-3, HiddenLayers = [16, 16],
    };

    private sealed class Told(Action<TrainingProgress> tell) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => tell(value);
    }

    private sealed class Poisoned(bool poisoned) : IEnvironment
    {
        private readonly CartPole inner = new();

        public BoxSpace ObservationSpace => inner.ObservationSpace;

        public MultiDiscreteSpace ActionSpace => inner.ActionSpace;

        public IReadOnlyList<string> InfoNames => inner.InfoNames;

        public void Reset(ulong? seed, IReadOnlyDictionary<string, double>? options, Span<float> observation) => inner.Reset(seed, options, observation);

        public StepResult Step(ReadOnlySpan<int> action, Span<float> observation)
            => inner.Step(action, observation) with { Reward = poisoned ? float.NaN : 1 };

        public void WriteActionMask(Span<bool> mask) => inner.WriteActionMask(mask);

        public void WriteInfo(Span<double> info) => inner.WriteInfo(info);
    }
}
