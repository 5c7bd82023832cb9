using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Tuner.Agent.Imitation;
using Tuner.Agent.Networks;
using Tuner.Agent.Ppo;
using Tuner.Env;
using Tuner.Env.Simulation;
using Tuner.Policy.Files;
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
    private const int FormatVersion = 2;
    private const int ReturnWindow = 100;

    private readonly PpoOptions options;
    private readonly ulong seed;
    private readonly VectorEnvironment environments;
    private readonly ParameterLayout layout;
    private readonly RandomStream shuffling;
    private readonly PpoLearner learner;
    private readonly Worker[] workers;
    private readonly Rollout rollout;
    private readonly RunningMoments observed;
    private readonly RunningMoments returned = new(1);
    private readonly Queue<double> recentReturns = new();
    private readonly List<TrainingProgress> history = [];
    private readonly Apprentice? apprentice;
    private PolicyNetwork actor;
    private PolicyNetwork critic;
    private ObservationNormalizer normalizer;
    private long episodes;

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
        int observations = environments.ObservationSpace.Length;
        int heads = environments.ActionSpace.HeadCount;
        int logits = environments.ActionSpace.TotalSize;
        layout = new ParameterLayout(observations, options.HiddenLayers, logits);
        state ??= new LearnerState(apprentice?.Parameters ?? layout.Draw(seed, options.InitialLogits), new float[layout.Length], new float[layout.Length], 0);
        if (state.Parameters.Length != layout.Length)
            throw new ArgumentException($"The checkpoint has {state.Parameters.Length} parameters; networks for this environment have {layout.Length}.");
        shuffling = RandomStream.For(seed, "minibatches");
        learner = new PpoLearner(options, layout, environments.ActionSpace.Sizes, state, shuffling, apprentice?.Parameters);
        workers =
        [
            .. Enumerable.Range(0, options.Environments).Select(i =>
                new Worker(RandomStream.For(seed, string.Create(CultureInfo.InvariantCulture, $"actions/{i}")), observations, logits, heads)),
        ];
        rollout = new Rollout(options.Environments, options.RolloutSteps, observations, heads, heads * learner.Network.Widest);
        observed = new RunningMoments(observations);
        actor = layout.Actor(state.Parameters);
        critic = layout.Critic(state.Parameters);
        normalizer = MeasuredNormalizer();
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
    /// <exception cref="CheckpointFormatException">The file is not a whole, undamaged checkpoint.</exception>
    public static PpoTrainer Resume(string path, Func<int, IEnvironment> make)
    {
        string name = Path.GetFileName(path);
        byte[] bytes = File.ReadAllBytes(path);
        if (bytes.Length < 8 || !bytes.AsSpan(0, 8).SequenceEqual("TUNERCKP"u8))
            throw new CheckpointFormatException($"{name} is not a checkpoint: it does not begin with TUNERCKP.");
        int end = bytes.Length - SHA256.HashSizeInBytes;
        if (end < 8 || !SHA256.HashData(bytes.AsSpan(0, end)).AsSpan().SequenceEqual(bytes.AsSpan(end)))
            throw new CheckpointFormatException($"{name} is truncated or damaged: its SHA-256 checksum does not match its contents.");

        using var reader = new BinaryReader(new MemoryStream(bytes, 8, end - 8));
        int version = reader.ReadInt32();
        if (version != FormatVersion)
            throw new CheckpointFormatException($"{name} has checkpoint format {version}; this build reads format {FormatVersion}.");
        ulong seed = reader.ReadUInt64();
        PpoOptions options = JsonSerializer.Deserialize(reader.ReadString(), CheckpointJson.Default.PpoOptions)!;
        var state = new LearnerState(ReadSingles(reader), ReadSingles(reader), ReadSingles(reader), reader.ReadInt64());
        Apprentice? apprentice = ReadApprentice(reader, options);
        var trainer = new PpoTrainer(make, options, seed, apprentice, state);
        try
        {
            trainer.ReadRest(reader);
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
        while (Steps < totalSteps && !cancellationToken.IsCancellationRequested)
        {
            long started = Stopwatch.GetTimestamp();
            double learningRate = options.AnnealLearningRate ? options.LearningRate * (1 - ((double)Steps / totalSteps)) : options.LearningRate;
            environments.Each(Collect);
            Gather();
            rollout.Estimate((float)options.Discount, (float)options.Lambda);
            double explained = Advantages.ExplainedVariance(rollout.Values, rollout.Returns);
            UpdateStats stats = learner.Update(rollout, learningRate, criticOnly: history.Count < options.CriticWarmupUpdates);
            float[] parameters = learner.CopyParameters();
            (actor, critic, normalizer) = (layout.Actor(parameters), layout.Critic(parameters), MeasuredNormalizer());
            Steps += rollout.Count;

            var report = new TrainingProgress(
                history.Count + 1, Steps, episodes, recentReturns.Count > 0 ? recentReturns.Average() : null,
                rollout.Count / Math.Max(1e-9, Stopwatch.GetElapsedTime(started).TotalSeconds), stats.ApproxKl, stats.Entropy,
                explained, stats.ClipFraction, stats.PolicyLoss, stats.ValueLoss, learningRate);
            history.Add(report);
            progress?.Report(report);
        }
    }

    /// <summary>The actor as production runs it, and the normaliser that comes before it.</summary>
    public (PolicyNetwork Network, ObservationNormalizer Normalizer) ExportNetwork() => (actor, normalizer);

    /// <summary>Writes everything the run needs to continue, whole or not at all.</summary>
    public void SaveCheckpoint(string path)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("TUNERCKP"u8);
        WriteState(writer);
        writer.Write(history.Count);
        foreach (TrainingProgress one in history)
        {
            writer.Write(one.Update);
            writer.Write(one.Steps);
            writer.Write(one.Episodes);
            writer.Write(one.MeanReturn ?? double.NaN);
            foreach (double number in new[] { one.StepsPerSecond, one.ApproxKl, one.Entropy, one.ExplainedVariance, one.ClipFraction, one.PolicyLoss, one.ValueLoss, one.LearningRate })
                writer.Write(number);
        }

        writer.Flush();
        writer.Write(SHA256.HashData(stream.ToArray()));
        writer.Flush();
        AtomicFile.Write(path, stream.ToArray());
    }

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

    private static float[] ReadSingles(BinaryReader reader)
    {
        var values = new float[reader.ReadInt32()];
        for (int i = 0; i < values.Length; i++)
            values[i] = reader.ReadSingle();
        return values;
    }

    private static void Write(BinaryWriter writer, float[] values)
    {
        writer.Write(values.Length);
        foreach (float value in values)
            writer.Write(value);
    }

    private static Apprentice? ReadApprentice(BinaryReader reader, PpoOptions options)
    {
        if (!reader.ReadBoolean())
            return null;
        float[] parameters = ReadSingles(reader);
        var normalizer = new ObservationNormalizer(ReadSingles(reader), ReadSingles(reader), reader.ReadSingle());
        return new Apprentice(new ParameterLayout(normalizer.Length, options.HiddenLayers, reader.ReadInt32()), parameters, normalizer);
    }

    private void WriteApprentice(BinaryWriter writer)
    {
        writer.Write(apprentice is not null);
        if (apprentice is null)
            return;
        Write(writer, apprentice.Parameters);
        Write(writer, apprentice.Normalizer.Mean.ToArray());
        Write(writer, apprentice.Normalizer.Variance.ToArray());
        writer.Write(apprentice.Normalizer.Clip);
        writer.Write(environments.ActionSpace.TotalSize);
    }

    private static void Write(BinaryWriter writer, (ulong S0, ulong S1, ulong S2, ulong S3) state)
    {
        writer.Write(state.S0);
        writer.Write(state.S1);
        writer.Write(state.S2);
        writer.Write(state.S3);
    }

    private static (ulong S0, ulong S1, ulong S2, ulong S3) ReadWords(BinaryReader reader)
        => (reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64());

    private static void Write(BinaryWriter writer, RunningMoments moments)
    {
        writer.Write(moments.Count);
        for (int i = 0; i < moments.Mean.Length; i++)
        {
            writer.Write(moments.Mean[i]);
            writer.Write(moments.Squares[i]);
        }
    }

    private static void Read(BinaryReader reader, RunningMoments moments)
    {
        moments.Count = reader.ReadDouble();
        for (int i = 0; i < moments.Mean.Length; i++)
        {
            moments.Mean[i] = reader.ReadDouble();
            moments.Squares[i] = reader.ReadDouble();
        }
    }

    // One environment's share of a rollout; runs beside the others' and touches nothing of theirs.
    private void Collect(int index)
    {
        Worker worker = workers[index];
        ReadOnlySpan<int> sizes = environments.ActionSpace.Sizes;
        int width = worker.Observation.Length;
        int heads = sizes.Length;
        worker.Finished.Clear();
        worker.Seen.Clear();
        for (int t = 0; t < rollout.Steps; t++)
        {
            int at = (index * rollout.Steps) + t;
            ReadOnlySpan<float> observation = environments.Observation(index);
            FiniteGuard.Check(observation, $"Environment {index}: observation");
            worker.Seen.Add(observation);
            Span<float> seen = rollout.Observations.AsSpan(at * width, width);
            normalizer.Apply(observation, seen);
            actor.Forward(seen, worker.Logits);
            FiniteGuard.Check(worker.Logits, $"Environment {index}: logits");
            learner.Network.Pad(environments.Mask(index), rollout.Masks.AsSpan(at * rollout.MaskWidth, rollout.MaskWidth));
            for (int head = 0; head < heads; head++)
                worker.Uniforms[head] = worker.Random.NextDouble();
            rollout.LogProbs[at] = MaskedChoice.Sample(worker.Logits, sizes, environments.Mask(index), worker.Uniforms, worker.Action);
            for (int head = 0; head < heads; head++)
                rollout.Actions[(at * heads) + head] = worker.Action[head];
            rollout.Values[at] = ValueOf(worker, seen);
            if (t > 0 && rollout.Ends[at - 1] == StepEnd.None)
                rollout.NextValues[at - 1] = rollout.Values[at];

            StepResult result = environments.Step(index, worker.Action);
            FiniteGuard.Check(result.Reward, $"Environment {index}: reward");
            rollout.Rewards[at] = result.Reward;
            rollout.Ends[at] = result.Terminated ? StepEnd.Terminated : result.Truncated ? StepEnd.Truncated : StepEnd.None;
            rollout.NextValues[at] = 0;
            worker.Return += result.Reward;
            if (rollout.Ends[at] == StepEnd.Truncated)
            {
                FiniteGuard.Check(environments.FinalObservation(index), $"Environment {index}: final observation");
                normalizer.Apply(environments.FinalObservation(index), worker.Observation);
                rollout.NextValues[at] = ValueOf(worker, worker.Observation);
            }

            if (rollout.Ends[at] != StepEnd.None)
            {
                worker.Finished.Add(worker.Return);
                worker.Return = 0;
            }
        }

        int last = ((index + 1) * rollout.Steps) - 1;
        if (rollout.Ends[last] == StepEnd.None)
        {
            FiniteGuard.Check(environments.Observation(index), $"Environment {index}: observation");
            normalizer.Apply(environments.Observation(index), worker.Observation);
            rollout.NextValues[last] = ValueOf(worker, worker.Observation);
        }
    }

    private float ValueOf(Worker worker, ReadOnlySpan<float> observation)
    {
        critic.Forward(observation, worker.Value);
        return worker.Value[0];
    }

    // What the environments share is updated in their order, after all have finished: threads cannot change it.
    private void Gather()
    {
        for (int i = 0; i < workers.Length; i++)
        {
            Worker worker = workers[i];
            observed.Merge(worker.Seen);
            foreach (double finished in worker.Finished)
            {
                episodes++;
                recentReturns.Enqueue(finished);
                if (recentReturns.Count > ReturnWindow)
                    recentReturns.Dequeue();
            }

            for (int at = i * rollout.Steps; at < (i + 1) * rollout.Steps; at++)
            {
                worker.Discounted = (worker.Discounted * options.Discount) + rollout.Rewards[at];
                returned.Add(worker.Discounted);
                if (rollout.Ends[at] != StepEnd.None)
                    worker.Discounted = 0;
            }
        }

        if (!options.ScaleRewards)
            return;
        double scale = 1 / Math.Sqrt(returned.Variance(0) + 1e-8);
        for (int at = 0; at < rollout.Count; at++)
            rollout.Rewards[at] = (float)Math.Clamp(rollout.Rewards[at] * scale, -options.RewardClip, options.RewardClip);
    }

    private ObservationNormalizer MeasuredNormalizer()
    {
        if (apprentice is not null)
            return apprentice.Normalizer;
        int length = observed.Mean.Length;
        if (!options.NormalizeObservations)
            return ObservationNormalizer.None(length);
        var mean = new float[length];
        var variance = new float[length];
        for (int i = 0; i < length; i++)
            (mean[i], variance[i]) = ((float)observed.Mean[i], (float)observed.Variance(i));
        return new ObservationNormalizer(mean, variance, (float)options.ObservationClip);
    }

    private void WriteState(BinaryWriter writer)
    {
        writer.Write(FormatVersion);
        writer.Write(seed);
        writer.Write(JsonSerializer.Serialize(options, CheckpointJson.Default.PpoOptions));
        LearnerState state = learner.State;
        Write(writer, state.Parameters);
        Write(writer, state.First);
        Write(writer, state.Second);
        writer.Write(state.Steps);
        WriteApprentice(writer);
        Write(writer, shuffling.State);
        Write(writer, observed);
        Write(writer, returned);
        writer.Write(Steps);
        writer.Write(episodes);
        writer.Write(recentReturns.Count);
        foreach (double one in recentReturns)
            writer.Write(one);
        for (int i = 0; i < workers.Length; i++)
        {
            Write(writer, workers[i].Random.State);
            writer.Write(workers[i].Return);
            writer.Write(workers[i].Discounted);
            EpisodeSnapshot snapshot = environments.Snapshot(i);
            Write(writer, snapshot.SeedState);
            writer.Write(snapshot.Seed);
            writer.Write(snapshot.Actions.Count);
            foreach (int action in snapshot.Actions)
                writer.Write(action);
        }
    }

    private void ReadRest(BinaryReader reader)
    {
        shuffling.State = ReadWords(reader);
        Read(reader, observed);
        Read(reader, returned);
        Steps = reader.ReadInt64();
        episodes = reader.ReadInt64();
        for (int left = reader.ReadInt32(); left > 0; left--)
            recentReturns.Enqueue(reader.ReadDouble());
        for (int i = 0; i < workers.Length; i++)
        {
            workers[i].Random.State = ReadWords(reader);
            workers[i].Return = reader.ReadDouble();
            workers[i].Discounted = reader.ReadDouble();
            (ulong, ulong, ulong, ulong) seedState = ReadWords(reader);
            ulong episodeSeed = reader.ReadUInt64();
            var actions = new int[reader.ReadInt32()];
            for (int k = 0; k < actions.Length; k++)
                actions[k] = reader.ReadInt32();
            environments.Restore(i, new EpisodeSnapshot(seedState, episodeSeed, actions));
        }

        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            (int update, long steps, long finished, double mean) = (reader.ReadInt32(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadDouble());
            history.Add(new TrainingProgress(
                update, steps, finished, double.IsNaN(mean) ? null : mean, reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(),
                reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble()));
        }

        normalizer = MeasuredNormalizer();
    }
}
