using System.Globalization;
using System.Runtime.ExceptionServices;
using Tuner.Env.Simulation;
using Tuner.Env.Spaces;

namespace Tuner.Env;

/// <summary>Several environments stepped together over several threads.</summary>
/// <remarks>
/// Each environment has its own random streams, so any number of threads gives the same results. An environment whose
/// episode ended is reset within the same step (Gymnasium's <c>SameStep</c>): <see cref="Observation"/> is then the first of
/// the new episode and <see cref="FinalObservation"/> the last of the old one, which a truncated step's bootstrap needs.
/// </remarks>
public sealed class VectorEnvironment
{
    private readonly IEnvironment[] environments;
    private readonly RandomStream[] seeds;
    private readonly ulong[] episodeSeeds;
    private readonly List<int>[] episodeActions;
    private readonly float[][] observations;
    private readonly float[][] finals;
    private readonly bool[][] masks;
    private readonly double[][] infos;
    private readonly ParallelOptions parallel;

    /// <summary>Takes over environments of one kind; <see cref="Reset"/> begins.</summary>
    /// <param name="environments">At least one; no instance twice.</param>
    /// <param name="seed">Decides the seed of every episode of every environment.</param>
    /// <param name="threads">Most threads to use; 0 for one a processor.</param>
    /// <exception cref="ArgumentException">There is none, one is there twice, or their spaces differ.</exception>
    public VectorEnvironment(IReadOnlyList<IEnvironment> environments, ulong seed, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        if (environments.Count == 0)
            throw new ArgumentException("At least one environment is needed.", nameof(environments));
        if (environments.Distinct(ReferenceEqualityComparer.Instance).Count() != environments.Count)
            throw new ArgumentException("An environment is there twice; each needs an instance of its own.", nameof(environments));
        this.environments = [.. environments];
        for (int i = 1; i < Count; i++)
        {
            if (environments[i].ObservationSpace.Length != ObservationSpace.Length || !environments[i].ActionSpace.Sizes.SequenceEqual(ActionSpace.Sizes))
                throw new ArgumentException($"Environment {i} has other spaces than environment 0.", nameof(environments));
        }

        seeds = Make(i => RandomStream.For(seed, string.Create(CultureInfo.InvariantCulture, $"environment/{i}")));
        episodeSeeds = new ulong[Count];
        episodeActions = Make(_ => new List<int>());
        observations = Make(_ => new float[ObservationSpace.Length]);
        finals = Make(_ => new float[ObservationSpace.Length]);
        masks = Make(_ => new bool[ActionSpace.TotalSize]);
        infos = Make(_ => new double[environments[0].InfoNames.Count]);
        parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Min(Count, threads == 0 ? Environment.ProcessorCount : threads) };
    }

    /// <summary>Number of environments.</summary>
    public int Count => environments.Length;

    /// <summary>Shape and bounds of one observation.</summary>
    public BoxSpace ObservationSpace => environments[0].ObservationSpace;

    /// <summary>The action heads of one environment.</summary>
    public MultiDiscreteSpace ActionSpace => environments[0].ActionSpace;

    /// <summary>Names of what environments measure at each step.</summary>
    public IReadOnlyList<string> InfoNames => environments[0].InfoNames;

    /// <summary>What one environment measured in its last step, the last of its episode included; zeros before the first.</summary>
    public ReadOnlySpan<double> Info(int index) => infos[index];

    /// <summary>What one environment shows now.</summary>
    public ReadOnlySpan<float> Observation(int index) => observations[index];

    /// <summary>The last observation of the episode that ended in this environment's last step; meaningless when none did.</summary>
    public ReadOnlySpan<float> FinalObservation(int index) => finals[index];

    /// <summary>Which values one environment allows now.</summary>
    public ReadOnlySpan<bool> Mask(int index) => masks[index];

    /// <summary>Begins an episode everywhere.</summary>
    public void Reset() => Each(Begin);

    /// <summary>Takes one action in every environment.</summary>
    /// <param name="actions">One value a head, environment after environment.</param>
    /// <param name="results">Receives one result an environment.</param>
    public void Step(int[] actions, StepResult[] results)
    {
        int heads = ActionSpace.HeadCount;
        if (actions.Length != Count * heads || results.Length != Count)
            throw new ArgumentException($"{Count} environments of {heads} heads, but {actions.Length} action values and room for {results.Length} results.");
        Each(i => results[i] = Step(i, actions.AsSpan(i * heads, heads)));
    }

    /// <summary>Takes one action in one environment, which is reset if that ends its episode. Safe beside other environments' steps.</summary>
    public StepResult Step(int index, ReadOnlySpan<int> action)
    {
        episodeActions[index].AddRange(action);
        StepResult result = environments[index].Step(action, observations[index]);
        environments[index].WriteInfo(infos[index]);
        if (result.Terminated || result.Truncated)
        {
            observations[index].CopyTo(finals[index], 0);
            Begin(index);
        }
        else
        {
            environments[index].WriteActionMask(masks[index]);
        }

        return result;
    }

    /// <summary>Runs work once an environment, spread over the threads; the work keeps to its own environment.</summary>
    public void Each(Action<int> work)
    {
        if (parallel.MaxDegreeOfParallelism == 1)
        {
            for (int i = 0; i < Count; i++)
                work(i);
            return;
        }

        try
        {
            Parallel.For(0, Count, parallel, work);
        }
        catch (AggregateException many)
        {
            ExceptionDispatchInfo.Throw(many.InnerExceptions[0]);
        }
    }

    /// <summary>Remembers where one environment stands.</summary>
    public EpisodeSnapshot Snapshot(int index) => new(seeds[index].State, episodeSeeds[index], [.. episodeActions[index]]);

    /// <summary>Brings one environment back to where it stood: a seeded reset, then the same actions again.</summary>
    /// <exception cref="InvalidOperationException">The episode ended on the way: the environment is not the one remembered.</exception>
    public void Restore(int index, EpisodeSnapshot snapshot)
    {
        IEnvironment environment = environments[index];
        seeds[index].State = snapshot.SeedState;
        episodeSeeds[index] = snapshot.Seed;
        environment.Reset(snapshot.Seed, null, observations[index]);
        int[] actions = [.. snapshot.Actions];
        int heads = ActionSpace.HeadCount;
        for (int at = 0; at < actions.Length; at += heads)
        {
            StepResult result = environment.Step(actions.AsSpan(at, heads), observations[index]);
            if (result.Terminated || result.Truncated)
                throw new InvalidOperationException($"Environment {index}: its episode ended after {(at / heads) + 1} of {actions.Length / heads} replayed steps; it is not the environment remembered.");
        }

        episodeActions[index].Clear();
        episodeActions[index].AddRange(actions);
        environment.WriteActionMask(masks[index]);
    }

    private void Begin(int index)
    {
        // A fresh seed for every episode makes each one a place a checkpoint can return to.
        episodeSeeds[index] = seeds[index].NextUInt64();
        episodeActions[index].Clear();
        environments[index].Reset(episodeSeeds[index], null, observations[index]);
        environments[index].WriteActionMask(masks[index]);
    }

    private T[] Make<T>(Func<int, T> create) => [.. Enumerable.Range(0, environments.Length).Select(create)];
}
