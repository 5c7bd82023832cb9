using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Tuner.Agent.Imitation;
using Tuner.Agent.Networks;
using Tuner.Agent.Ppo;
using Tuner.Env;
using Tuner.Env.Simulation;
using Tuner.Policy.Inference;
using Tuner.Policy.Observations;

namespace Tuner.Agent.Training;

/// <summary>Trains a policy with PPO: collect, estimate, update, report.</summary>
/// <remarks>
/// A run is a function of its options and one seed, whatever the number of threads. Rollouts run on the managed network
/// that production uses; torch only learns. A checkpoint continues to the same bits an unbroken run would have reached,
/// on the same machine.
/// </remarks>
public sealed class PpoTrainer : IDisposable
{
    private const int FormatVersion = 3;

    private readonly PpoOptions options;
    private readonly ulong seed;
    private readonly VectorEnvironment environments;
    private readonly ParameterLayout layout;
    private readonly RandomStream shuffling;
    private readonly PpoLearner learner;
    private readonly Experience experience;
    private readonly List<TrainingProgress> history = [];
    private readonly Apprentice? apprentice;
    private PolicyNetwork actor;
    private PolicyNetwork critic;
    private ObservationNormalizer normalizer;

    /// <summary>Prepares a run.</summary>
    /// <param name="make">Makes environment <c>i</c>; each call gives a new instance.</param>
    /// <param name="options">How to learn; copied.</param>
    /// <param name="seed">Decides everything random.</param>
    /// <param name="apprentice">A policy to begin with and to stay near, its network of the options' shape; null for none.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message has every problem.</exception>
    /// <exception cref="InvalidOperationException">The device asked for is not there.</exception>
    public PpoTrainer(Func<int, IEnvironment> make, PpoOptions options, ulong seed, Apprentice? apprentice = null)
        : this(make, Copied(options), seed, apprentice, null)
    {
        environments.Reset();
    }

    private PpoTrainer(Func<int, IEnvironment> make, PpoOptions options, ulong seed, Apprentice? apprentice, LearnerState? state)
    {
        options.Validate();
        this.options = options;
        this.seed = seed;
        this.apprentice = apprentice;
        environments = new VectorEnvironment([.. Enumerable.Range(0, options.Environments).Select(make)], seed, options.Threads);
        layout = new ParameterLayout(environments.ObservationSpace.Length, options.HiddenLayers, environments.ActionSpace.TotalSize);
        state ??= new LearnerState(apprentice?.Parameters ?? layout.Draw(seed, options.InitialLogits), new float[layout.Length], new float[layout.Length], 0);
        if (state.Parameters.Length != layout.Length)
            throw new ArgumentException($"The checkpoint has {state.Parameters.Length} parameters; networks for this environment have {layout.Length}.");
        shuffling = RandomStream.For(seed, "minibatches");
        var heads = new HeadLayout(environments.ActionSpace.Sizes);
        learner = new PpoLearner(options, layout, heads, state, shuffling, apprentice?.Parameters);
        experience = new Experience(options, environments, heads, seed);
        Adopt(state.Parameters);
    }

    /// <summary>Environment steps taken.</summary>
    public long Steps { get; private set; }

    /// <summary>Every update so far, those before a resume included.</summary>
    public IReadOnlyList<TrainingProgress> History => history;

    /// <summary>How the run learns; a copy.</summary>
    public PpoOptions Options => Copied(options);

    /// <summary>The run's seed.</summary>
    public ulong Seed => seed;

    /// <summary>What training began with, before the first update; null when it began with nothing.</summary>
    public Apprentice? Apprentice => apprentice;

    internal PpoLearner Learner => learner;

    /// <summary>Continues a run where a checkpoint left it.</summary>
    /// <param name="path">The checkpoint.</param>
    /// <param name="make">Makes the same environments as before.</param>
    /// <param name="threads">Threads to go on with; null for as many as before.</param>
    /// <param name="device">The device to go on with; null for the one before.</param>
    /// <exception cref="CheckpointFormatException">The file is not a whole, undamaged checkpoint.</exception>
    public static PpoTrainer Resume(string path, Func<int, IEnvironment> make, int? threads = null, string? device = null)
        => Resume(path, (_, i) => make(i), threads, device);

    /// <summary>Continues a run, in environments that need to know what it began with.</summary>
    /// <param name="path">The checkpoint.</param>
    /// <param name="make">Makes the same environments as before, given the apprentice, if there was one, and the environment's number.</param>
    /// <param name="threads">Threads to go on with; null for as many as before.</param>
    /// <param name="device">The device to go on with; null for the one before.</param>
    /// <exception cref="CheckpointFormatException">The file is not a whole, undamaged checkpoint.</exception>
    public static PpoTrainer Resume(string path, Func<Apprentice?, int, IEnvironment> make, int? threads = null, string? device = null)
    {
        using BinaryReader reader = CheckpointFile.Open(path);
        int version = reader.ReadInt32();
        if (version != FormatVersion)
            throw new CheckpointFormatException($"{Path.GetFileName(path)} has checkpoint format {version}; this build reads format {FormatVersion}.");
        ulong seed = reader.ReadUInt64();
        PpoOptions options = JsonSerializer.Deserialize(reader.ReadString(), CheckpointJson.Default.PpoOptions)!;
        (options.Threads, options.Device) = (threads ?? options.Threads, device ?? options.Device);
        LearnerState state = reader.ReadLearner();
        Apprentice? apprentice = reader.ReadApprentice(options);
        var trainer = new PpoTrainer(i => make(apprentice, i), options, seed, apprentice, state);
        try
        {
            trainer.ReadRest(reader, state.Parameters);
            return trainer;
        }
        catch
        {
            trainer.Dispose();
            throw;
        }
    }

    /// <summary>Trains until the run has taken this many environment steps, those before a resume included.</summary>
    /// <param name="totalSteps">Steps in total, rounded up to whole rollouts; the learning rate falls to 0 over them.</param>
    /// <param name="progress">Told after every update, on this thread if it reports synchronously.</param>
    /// <param name="cancellationToken">Stops the run after the update under way; nothing is lost and nothing thrown.</param>
    /// <exception cref="NonFiniteException">A number became NaN or infinite.</exception>
    public void Run(long totalSteps, IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        Rollout rollout = experience.Rollout;
        while (Steps < totalSteps && !cancellationToken.IsCancellationRequested)
        {
            long started = Stopwatch.GetTimestamp();
            double left = 1 - ((double)Steps / totalSteps);
            double learningRate = options.LearningRate * (options.AnnealLearningRate ? left : 1);
            double entropyWeight = options.EntropyWeight * (options.AnnealEntropy ? left : 1);
            experience.Collect(actor, critic, normalizer);
            rollout.Estimate((float)options.Discount, (float)options.Lambda);
            double explained = Advantages.ExplainedVariance(rollout.Values, rollout.Returns);
            UpdateStats stats = learner.Update(rollout, learningRate, entropyWeight, criticOnly: history.Count < options.CriticWarmupUpdates);
            Adopt(learner.CopyParameters());
            Steps += rollout.Count;

            var report = new TrainingProgress(
                history.Count + 1, Steps, experience.Episodes, experience.MeanReturn,
                rollout.Count / Math.Max(1e-9, Stopwatch.GetElapsedTime(started).TotalSeconds), stats.ApproxKl, stats.Entropy,
                explained, stats.ClipFraction, stats.PolicyLoss, stats.ValueLoss, learningRate)
            {
                Measured = experience.Measured,
            };
            history.Add(report);
            progress?.Report(report);
        }
    }

    /// <summary>The actor as production runs it, and the normaliser that comes before it.</summary>
    public (PolicyNetwork Network, ObservationNormalizer Normalizer) ExportNetwork() => (actor, normalizer);

    /// <summary>Writes everything the run needs to continue, whole or not at all.</summary>
    public void SaveCheckpoint(string path) => CheckpointFile.Save(path, writer =>
    {
        WriteState(writer);
        writer.Write(history.Count);
        foreach (TrainingProgress one in history)
            writer.WriteProgress(one);
    });

    /// <summary>Frees the tensors.</summary>
    public void Dispose() => learner.Dispose();

    /// <summary>Everything that decides how the run goes on; two runs with equal states have equal futures.</summary>
    internal byte[] StateBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        WriteState(writer);
        writer.Flush();
        return stream.ToArray();
    }

    private static PpoOptions Copied(PpoOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);

        // Before the copy: a NaN is a problem to report, and JSON cannot carry it.
        options.Validate();
        return JsonSerializer.Deserialize(JsonSerializer.Serialize(options, CheckpointJson.Default.PpoOptions), CheckpointJson.Default.PpoOptions)!;
    }

    // An apprentice's normaliser stays: a moving one would change what the clone has learned to read.
    [MemberNotNull(nameof(actor), nameof(critic), nameof(normalizer))]
    private void Adopt(float[] parameters)
        => (actor, critic, normalizer) = (layout.Actor(parameters), layout.Critic(parameters), apprentice?.Normalizer ?? experience.MeasuredNormalizer());

    private void WriteState(BinaryWriter writer)
    {
        writer.Write(FormatVersion);
        writer.Write(seed);
        writer.Write(JsonSerializer.Serialize(options, CheckpointJson.Default.PpoOptions));
        writer.WriteLearner(learner.State);
        writer.WriteApprentice(apprentice, environments.ActionSpace.TotalSize);
        writer.WriteWords(shuffling.State);
        writer.Write(Steps);
        experience.Write(writer);
    }

    private void ReadRest(BinaryReader reader, float[] parameters)
    {
        shuffling.State = reader.ReadWords();
        Steps = reader.ReadInt64();
        experience.Read(reader);
        for (int left = reader.ReadInt32(); left > 0; left--)
            history.Add(reader.ReadProgress());
        Adopt(parameters);
    }
}
