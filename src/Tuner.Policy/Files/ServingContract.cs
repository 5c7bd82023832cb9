using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Files;

/// <summary>What a policy's numbers mean: the rungs its moves climb, and the promises it was trained to keep.</summary>
public sealed record ServingContract
{
    /// <summary>Batch rungs, ascending; at least one.</summary>
    public IReadOnlyList<BatchRung> BatchLadder { get; init; } = [];

    /// <summary>Batch waits in seconds, ascending from 0.</summary>
    public IReadOnlyList<double> BatchWaitLadder { get; init; } = [0];

    /// <summary>The draft models, smallest first.</summary>
    public IReadOnlyList<string> Drafts { get; init; } = [];

    /// <summary>The latency promises.</summary>
    public ServiceObjective Objective { get; init; } = new(0, 0, 0);

    /// <summary>Mean quality loss accepted, points; 0.2 by default, as in the scenarios.</summary>
    public double QualityBudget { get; init; } = 0.2;

    /// <summary>Loss of four-bit weights against eight-bit ones, points, at least 0; null when nobody measured it, and then Tuner does not turn them on.</summary>
    public double? Fp4Loss { get; init; }

    /// <summary>Loss of a compressed KV cache, points, at least 0; null when nobody measured it, and then Tuner does not turn it on.</summary>
    public double? KvCompressionLoss { get; init; }

    /// <summary>What a request served under these settings loses, points; what nobody measured counts as nothing.</summary>
    public double QualityLoss(in KnobSettings settings)
        => (settings.Precision == PrecisionMode.Fp8Fp4 ? Fp4Loss ?? 0 : 0) + (settings.KvCompression ? KvCompressionLoss ?? 0 : 0);

    /// <summary>The knobs as a policy sees them.</summary>
    /// <exception cref="ArgumentException">A ladder is empty or not ascending.</exception>
    public KnobSpace Space() => new(BatchLadder, BatchWaitLadder, Drafts);

    /// <summary>What is wrong, in one sentence; null when nothing is.</summary>
    public string? Problem()
    {
        if (!(Objective.TtftSeconds > 0) || !(Objective.TpotSeconds > 0) || !(Objective.TtftSecondsPerPromptToken >= 0))
            return $"promises of {Objective.TtftSeconds} s to the first token and {Objective.TpotSeconds} s a token; both are above 0";
        if (!(QualityBudget >= 0))
            return $"a quality budget of {QualityBudget} points; it is at least 0";
        if (Fp4Loss is not (null or >= 0) || KvCompressionLoss is not (null or >= 0))
            return $"quality losses of {Fp4Loss} (four-bit weights) and {KvCompressionLoss} points (KV compression); they are at least 0";
        try
        {
            _ = Space();
            return null;
        }
        catch (ArgumentException problem)
        {
            return problem.Message;
        }
    }

    /// <summary>Where another contract differs, in one sentence; null when both mean the same.</summary>
    public string? DifferenceFrom(ServingContract other)
    {
        if (!BatchLadder.SequenceEqual(other.BatchLadder))
            return $"batch ladder {string.Join("/", BatchLadder.Select(rung => rung.Sequences))}, expected {string.Join("/", other.BatchLadder.Select(rung => rung.Sequences))}";
        if (!BatchWaitLadder.SequenceEqual(other.BatchWaitLadder))
            return $"batch waits {string.Join("/", BatchWaitLadder)} s, expected {string.Join("/", other.BatchWaitLadder)} s";
        if (!Drafts.SequenceEqual(other.Drafts))
            return $"drafts {string.Join("/", Drafts)}, expected {string.Join("/", other.Drafts)}";
        if (Objective != other.Objective || QualityBudget != other.QualityBudget)
            return $"promises {Objective} with a quality budget of {QualityBudget}, expected {other.Objective} with {other.QualityBudget}";
        if ((Fp4Loss ?? other.Fp4Loss) != (other.Fp4Loss ?? Fp4Loss) || (KvCompressionLoss ?? other.KvCompressionLoss) != (other.KvCompressionLoss ?? KvCompressionLoss))
            return $"quality losses of {Fp4Loss} and {KvCompressionLoss} points, expected {other.Fp4Loss} and {other.KvCompressionLoss}";
        return null;
    }
}
