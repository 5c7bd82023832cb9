using Tuner.Env.Measurement;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Cluster;

/// <summary>Holds outcomes against the latency promises.</summary>
internal sealed class ServiceObjectiveCheck(ServiceObjective objective)
{
    public bool Met(in RequestOutcome outcome)
        => outcome.Completed && outcome.TtftSeconds <= objective.TtftFor(outcome.PromptTokens) && outcome.TpotSeconds <= objective.TpotSeconds;
}
