using Tuner.Env.Costs;
using Tuner.Env.Scenarios;

namespace Tuner.Env.Fuzzing;

/// <summary>How a drawn cluster schedules, changes, routes and is used.</summary>
/// <param name="Schedule">0 leaves it to the engine; then chunked, overlapping, prompts first, whole prompts with reserved answers.</param>
/// <param name="Rolling">Whether replicas change one after another.</param>
/// <param name="InFlight">What becomes of running requests when the layout changes.</param>
/// <param name="LoadsWhileServing">Whether weights are loaded while serving.</param>
/// <param name="Swaps">Whether preempted sequences are swapped out.</param>
/// <param name="Router">How requests are spread.</param>
/// <param name="PatienceSeconds">How long clients wait for the first token; 0 for ever.</param>
/// <param name="TimeoutSeconds">How long they wait for the last; 0 for ever.</param>
/// <param name="CancelShare">Share of answers broken off.</param>
/// <param name="MaxInFlight">Most requests under way; 0 for any number.</param>
/// <param name="MaxWaiting">Most requests waiting in a queue; 0 for any number.</param>
internal sealed record FuzzServing(
    int Schedule,
    bool Rolling,
    InFlightRule InFlight,
    bool LoadsWhileServing,
    bool Swaps,
    RouterKind Router,
    double PatienceSeconds,
    double TimeoutSeconds,
    double CancelShare,
    int MaxInFlight,
    int MaxWaiting)
{
    /// <summary>Nothing out of the ordinary.</summary>
    public static FuzzServing Plain { get; } = new(0, false, InFlightRule.Keep, false, false, RouterKind.PrefixAffinity, 0, 0, 0, 0, 0);

    /// <summary>A scenario used like this.</summary>
    public Scenario Of(Scenario scenario) => scenario with
    {
        Schedule = Schedule switch
        {
            1 => EngineSchedule.Chunked,
            2 => EngineSchedule.Chunked with { OverlapsSteps = true },
            3 => EngineSchedule.PromptsFirst,
            4 => new EngineSchedule(false, true, true, "as TensorRT-LLM"),
            _ => null,
        },
        Switching = scenario.Switching with { Rolling = Rolling, InFlight = InFlight, LoadsWhileServing = LoadsWhileServing },
        Preemption = Swaps ? PreemptionRule.Swap : PreemptionRule.Recompute,
        Router = Router,
        Clients = new ClientSpec
        {
            FirstTokenPatienceSeconds = OrEver(PatienceSeconds),
            TimeoutSeconds = OrEver(TimeoutSeconds),
            CancelShare = CancelShare,
            MaxInFlight = MaxInFlight == 0 ? int.MaxValue : MaxInFlight,
            MaxWaiting = MaxWaiting == 0 ? int.MaxValue : MaxWaiting,
        },
    };

    private static double OrEver(double seconds) => seconds == 0 ? double.PositiveInfinity : seconds;
}
