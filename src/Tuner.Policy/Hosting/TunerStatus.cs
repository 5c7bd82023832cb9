using Tuner.Policy.Knobs;
using Tuner.Policy.Safety;

namespace Tuner.Policy.Hosting;

/// <summary>How the loop stands after its last window. Never changes; read it from <see cref="TunerMonitor"/>.</summary>
public sealed record TunerStatus
{
    /// <summary>The mode in force: shadow while the kill switch is on.</summary>
    public TunerMode Mode { get; init; }

    /// <summary>Windows the loop has gone through.</summary>
    public long Windows { get; init; }

    /// <summary>What the engine runs with, as it said itself; null while that is not known.</summary>
    public KnobSettings? Settings { get; init; }

    /// <summary>What the policy would do now; null while it does not decide.</summary>
    public KnobSettings? Recommended { get; init; }

    /// <summary>The last verdict, as in metrics and the audit log.</summary>
    public string Verdict { get; init; } = "starting";

    /// <summary>Why, in one sentence.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Why the kill switch is on; null while it is off.</summary>
    public string? Killed { get; init; }

    /// <summary>What is wrong with the policy file as it is now; the last good policy decides meanwhile.</summary>
    public string? PolicyProblem { get; init; }

    /// <summary>When the last window was gone through, on the monotonic clock.</summary>
    internal long Timestamp { get; init; }
}
