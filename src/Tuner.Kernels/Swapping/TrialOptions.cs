using System.ComponentModel.DataAnnotations;

namespace Tuner.Kernels.Swapping;

/// <summary>How a candidate kernel earns its place, and when it loses it. Counts are calls of the operation by all threads together.</summary>
/// <remarks>
/// A candidate that is always wrong, not finite or throws is rolled back within <see cref="ShadowEvery"/> calls of its trial, and no
/// caller sees its output. One that is always slow is rolled back within <see cref="ShadowEvery"/> · (<see cref="PairsToJudge"/> +
/// <see cref="SlowVerdicts"/> − 1) calls. A kernel that turns bad after its promotion is rolled back at once when it throws, within
/// <see cref="ProbationEvery"/> calls when every output is wrong; it serves those calls. Calls already begun on other threads come on top.
/// </remarks>
public sealed class TrialOptions
{
    /// <summary>One call in this many also runs the candidate, on memory of its own.</summary>
    /// <value>10 by default.</value>
    [Range(1, 1_000_000)]
    public int ShadowEvery { get; set; } = 10;

    /// <summary>Shadowed calls a candidate must pass before it serves anybody.</summary>
    /// <value>20 by default.</value>
    [Range(1, 1_000_000)]
    public int ShadowsToPass { get; set; } = 20;

    /// <summary>One call in this many is served by the candidate while it is a canary; its output is compared before the caller gets it.</summary>
    /// <value>10 by default: a tenth.</value>
    [Range(1, 1_000_000)]
    public int CanaryEvery { get; set; } = 10;

    /// <summary>Canary calls a candidate must pass before it is promoted.</summary>
    /// <value>20 by default.</value>
    [Range(1, 1_000_000)]
    public int CanariesToPass { get; set; } = 20;

    /// <summary>After its promotion one call in this many is still compared with the kernel it replaced.</summary>
    /// <value>50 by default.</value>
    [Range(1, 1_000_000)]
    public int ProbationEvery { get; set; } = 50;

    /// <summary>Comparisons after which the replaced kernel is let go.</summary>
    /// <value>20 by default.</value>
    [Range(1, 1_000_000)]
    public int ProbationsToPass { get; set; } = 20;

    /// <summary>How much slower than the incumbent a candidate's median may be: 1.1 is a tenth.</summary>
    /// <value>1.1 by default; set it high to promote for other reasons than speed.</value>
    [Range(0.1, 1000)]
    public double SlowdownAllowed { get; set; } = 1.1;

    /// <summary>Pairs of times whose median is judged.</summary>
    /// <value>9 by default: with fewer, one interruption decides.</value>
    [Range(1, 1001)]
    public int PairsToJudge { get; set; } = 9;

    /// <summary>Judgements in a row that must find it slow: a median at the border swings.</summary>
    /// <value>3 by default.</value>
    [Range(1, 1000)]
    public int SlowVerdicts { get; set; } = 3;
}
