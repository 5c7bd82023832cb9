using Tuner.Env.Measurement;

namespace Tuner.Env.Fuzzing;

/// <summary>Keeps every outcome, in the order in which it was told.</summary>
internal sealed class OutcomeLog : IOutcomeSink
{
    private readonly List<RequestOutcome> outcomes = [];

    /// <summary>What was told so far.</summary>
    public IReadOnlyList<RequestOutcome> Outcomes => outcomes;

    /// <inheritdoc/>
    public void Add(in RequestOutcome outcome) => outcomes.Add(outcome);
}
