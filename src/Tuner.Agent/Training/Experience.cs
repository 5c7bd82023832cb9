using System.Globalization;
using Tuner.Agent.Networks;
using Tuner.Agent.Ppo;
using Tuner.Env;
using Tuner.Env.Simulation;
using Tuner.Policy.Inference;
using Tuner.Policy.Observations;

namespace Tuner.Agent.Training;

/// <summary>Steps environments with the managed networks, one rollout after another, and measures what they show.</summary>
internal sealed class Experience
{
    private const int ReturnWindow = 100;

    private readonly PpoOptions options;
    private readonly VectorEnvironment environments;
    private readonly HeadLayout layout;
    private readonly Worker[] workers;
    private readonly RunningMoments observed;
    private readonly RunningMoments returned = new(1);
    private readonly Queue<double> recentReturns = new();

    public Experience(PpoOptions options, VectorEnvironment environments, HeadLayout layout, ulong seed)
    {
        (this.options, this.environments, this.layout) = (options, environments, layout);
        int observations = environments.ObservationSpace.Length;
        int logits = environments.ActionSpace.TotalSize;
        workers =
        [
            .. Enumerable.Range(0, options.Environments).Select(i =>
                new Worker(RandomStream.For(seed, string.Create(CultureInfo.InvariantCulture, $"actions/{i}")), observations, logits, layout.Heads, environments.InfoNames.Count)),
        ];
        Rollout = new Rollout(options.Environments, options.RolloutSteps, observations, layout.Heads, layout.Length);
        observed = new RunningMoments(observations);
    }

    /// <summary>The last rollout.</summary>
    public Rollout Rollout { get; }

    /// <summary>Episodes finished.</summary>
    public long Episodes { get; private set; }

    /// <summary>Mean return of the last 100 finished episodes; null before the first.</summary>
    public double? MeanReturn => recentReturns.Count > 0 ? recentReturns.Average() : null;

    /// <summary>What the environments measured, mean over the steps of the last rollout, by name.</summary>
    public IReadOnlyDictionary<string, double> Measured
        => environments.InfoNames.Select((name, i) => (name, workers.Sum(worker => worker.Measured[i]) / Rollout.Count)).ToDictionary(each => each.name, each => each.Item2);

    /// <summary>Fills the rollout; statistics of observations stay fixed meanwhile and are merged afterwards.</summary>
    public void Collect(PolicyNetwork actor, PolicyNetwork critic, ObservationNormalizer normalizer)
    {
        environments.Each(i => Collect(i, actor, critic, normalizer));
        Gather();
        if (options.ScaleRewards)
            ScaleRewards();
    }

    /// <summary>The statistics of all observations so far.</summary>
    public ObservationNormalizer MeasuredNormalizer()
    {
        int length = observed.Mean.Length;
        if (!options.NormalizeObservations)
            return ObservationNormalizer.None(length);
        var mean = new float[length];
        var variance = new float[length];
        for (int i = 0; i < length; i++)
            (mean[i], variance[i]) = ((float)observed.Mean[i], (float)observed.Variance(i));
        return new ObservationNormalizer(mean, variance, (float)options.ObservationClip);
    }

    public void Write(BinaryWriter writer)
    {
        writer.WriteMoments(observed);
        writer.WriteMoments(returned);
        writer.Write(Episodes);
        writer.Write(recentReturns.Count);
        foreach (double one in recentReturns)
            writer.Write(one);
        for (int i = 0; i < workers.Length; i++)
        {
            writer.WriteWords(workers[i].Random.State);
            writer.Write(workers[i].Return);
            writer.Write(workers[i].Discounted);
            EpisodeSnapshot snapshot = environments.Snapshot(i);
            writer.WriteWords(snapshot.SeedState);
            writer.Write(snapshot.Seed);
            writer.Write(snapshot.Actions.Count);
            foreach (int action in snapshot.Actions)
                writer.Write(action);
        }
    }

    public void Read(BinaryReader reader)
    {
        reader.ReadMoments(observed);
        reader.ReadMoments(returned);
        Episodes = reader.ReadInt64();
        for (int left = reader.ReadInt32(); left > 0; left--)
            recentReturns.Enqueue(reader.ReadDouble());
        for (int i = 0; i < workers.Length; i++)
        {
            workers[i].Random.State = reader.ReadWords();
            workers[i].Return = reader.ReadDouble();
            workers[i].Discounted = reader.ReadDouble();
            (ulong, ulong, ulong, ulong) seedState = reader.ReadWords();
            ulong episodeSeed = reader.ReadUInt64();
            var actions = new int[reader.ReadInt32()];
            for (int k = 0; k < actions.Length; k++)
                actions[k] = reader.ReadInt32();
            environments.Restore(i, new EpisodeSnapshot(seedState, episodeSeed, actions));
        }
    }

    // One environment's share of a rollout; runs beside the others' and touches nothing of theirs.
    private void Collect(int index, PolicyNetwork actor, PolicyNetwork critic, ObservationNormalizer normalizer)
    {
        Worker worker = workers[index];
        ReadOnlySpan<int> sizes = environments.ActionSpace.Sizes;
        int width = worker.Observation.Length;
        int heads = sizes.Length;
        worker.Finished.Clear();
        worker.Seen.Clear();
        Array.Clear(worker.Measured);
        for (int t = 0; t < Rollout.Steps; t++)
        {
            int at = (index * Rollout.Steps) + t;
            ReadOnlySpan<float> observation = environments.Observation(index);
            FiniteGuard.Check(observation, $"Environment {index}: observation");
            worker.Seen.Add(observation);
            Span<float> seen = Rollout.Observations.AsSpan(at * width, width);
            normalizer.Apply(observation, seen);
            actor.Forward(seen, worker.Logits);
            FiniteGuard.Check(worker.Logits, $"Environment {index}: logits");
            layout.Pad(environments.Mask(index), Rollout.Masks.AsSpan(at * layout.Length, layout.Length));
            for (int head = 0; head < heads; head++)
                worker.Uniforms[head] = worker.Random.NextDouble();
            Rollout.LogProbs[at] = MaskedChoice.Sample(worker.Logits, sizes, environments.Mask(index), worker.Uniforms, worker.Action);
            for (int head = 0; head < heads; head++)
                Rollout.Actions[(at * heads) + head] = layout.RowOf(head, worker.Action[head]);
            Rollout.Values[at] = Value(seen);
            if (t > 0 && Rollout.Ends[at - 1] == StepEnd.None)
                Rollout.NextValues[at - 1] = Rollout.Values[at];

            StepResult result = environments.Step(index, worker.Action);
            FiniteGuard.Check(result.Reward, $"Environment {index}: reward");
            ReadOnlySpan<double> info = environments.Info(index);
            for (int i = 0; i < info.Length; i++)
                worker.Measured[i] += info[i];
            Rollout.Rewards[at] = result.Reward;
            Rollout.Ends[at] = result.Terminated ? StepEnd.Terminated : result.Truncated ? StepEnd.Truncated : StepEnd.None;
            Rollout.NextValues[at] = 0;
            worker.Return += result.Reward;
            if (Rollout.Ends[at] == StepEnd.Truncated)
                Rollout.NextValues[at] = ValueOf(environments.FinalObservation(index), "final observation");
            if (Rollout.Ends[at] != StepEnd.None)
            {
                worker.Finished.Add(worker.Return);
                worker.Return = 0;
            }
        }

        int last = ((index + 1) * Rollout.Steps) - 1;
        if (Rollout.Ends[last] == StepEnd.None)
            Rollout.NextValues[last] = ValueOf(environments.Observation(index), "observation");

        float ValueOf(ReadOnlySpan<float> observation, string name)
        {
            FiniteGuard.Check(observation, $"Environment {index}: {name}");
            normalizer.Apply(observation, worker.Observation);
            return Value(worker.Observation);
        }

        float Value(ReadOnlySpan<float> seen)
        {
            critic.Forward(seen, worker.Value);
            return worker.Value[0];
        }
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
                Episodes++;
                recentReturns.Enqueue(finished);
                if (recentReturns.Count > ReturnWindow)
                    recentReturns.Dequeue();
            }

            for (int at = i * Rollout.Steps; at < (i + 1) * Rollout.Steps; at++)
            {
                worker.Discounted = (worker.Discounted * options.Discount) + Rollout.Rewards[at];
                returned.Add(worker.Discounted);
                if (Rollout.Ends[at] != StepEnd.None)
                    worker.Discounted = 0;
            }
        }
    }

    private void ScaleRewards()
    {
        double scale = 1 / Math.Sqrt(returned.Variance(0) + 1e-8);
        for (int at = 0; at < Rollout.Count; at++)
            Rollout.Rewards[at] = (float)Math.Clamp(Rollout.Rewards[at] * scale, -options.RewardClip, options.RewardClip);
    }
}
