namespace Tuner.Env.Simulation;

/// <summary>How runs are spread over a machine.</summary>
public static class Cores
{
    /// <summary>One run a core at a time. The pool adds threads when work is slow, and each would hold clusters of its own in memory.</summary>
    /// <param name="cancellation">Stops between runs.</param>
    public static ParallelOptions Each(CancellationToken cancellation) => new() { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount };
}
