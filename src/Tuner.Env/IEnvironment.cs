using Tuner.Env.Spaces;

namespace Tuner.Env;

/// <summary>An environment an agent learns in. The contract is Gymnasium's; <c>EnvironmentChecker</c> holds any implementation to it.</summary>
/// <remarks>
/// Buffers belong to the caller, so stepping allocates nothing. An episode begins with <see cref="Reset"/>; after a step
/// that terminated or truncated, the next call must be <see cref="Reset"/> again. Not thread-safe.
/// </remarks>
public interface IEnvironment
{
    /// <summary>Shape and bounds of an observation.</summary>
    BoxSpace ObservationSpace { get; }

    /// <summary>The action heads and their sizes.</summary>
    MultiDiscreteSpace ActionSpace { get; }

    /// <summary>Names of the values <see cref="WriteInfo"/> writes, fixed for the life of the environment.</summary>
    IReadOnlyList<string> InfoNames { get; }

    /// <summary>Begins an episode.</summary>
    /// <param name="seed">Restarts the environment's random streams; null continues them.</param>
    /// <param name="options">What this episode should be like, by name; null or empty for the default.</param>
    /// <param name="observation">Receives the first observation.</param>
    void Reset(ulong? seed, IReadOnlyDictionary<string, double>? options, Span<float> observation);

    /// <summary>Takes one action.</summary>
    /// <param name="action">One value a head.</param>
    /// <param name="observation">Receives the next observation; after the end, the last one of the episode.</param>
    /// <exception cref="InvalidOperationException">The episode is over or has not begun.</exception>
    StepResult Step(ReadOnlySpan<int> action, Span<float> observation);

    /// <summary>Writes which values may be chosen now, head after head: <see cref="MultiDiscreteSpace.TotalSize"/> values.</summary>
    void WriteActionMask(Span<bool> mask);

    /// <summary>Writes measurements of the last step, in the order of <see cref="InfoNames"/>; deterministic for a seed.</summary>
    void WriteInfo(Span<double> info);
}
