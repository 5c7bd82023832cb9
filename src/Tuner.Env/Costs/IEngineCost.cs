namespace Tuner.Env.Costs;

/// <summary>Times the steps of one engine. Immutable and safe to share between threads; only <see cref="Explain"/> allocates.</summary>
public interface IEngineCost
{
    /// <summary>The engine timed.</summary>
    EngineSpec Engine { get; }

    /// <summary>Power one of its GPUs draws while it waits, watts.</summary>
    double IdleWattsPerGpu { get; }

    /// <summary>How the engine fills its steps.</summary>
    EngineSchedule Schedule => EngineSchedule.Chunked;

    /// <summary>The process between the clients and the engine.</summary>
    FrontEnd FrontEnd => FrontEnd.Instant;

    /// <inheritdoc cref="EngineKernels.Raggedness"/>
    double Raggedness => 0;

    /// <summary>The cost of one step. With speculation every decoding sequence verifies <see cref="EngineSpec.DraftTokens"/> + 1 tokens.</summary>
    StepCost Step(in BatchShape batch);

    /// <summary>Where the time of a step of one pipeline stage goes, and what each part rests on; the parts sum to <see cref="StepCost.StageSeconds"/>.</summary>
    IReadOnlyList<CostTerm> Explain(in BatchShape batch);

    /// <summary>How busy each GPU of a pipeline stage is during a step, and what it draws.</summary>
    StepPower Power(in BatchShape batch);

    /// <summary>
    /// Up to how many cached tokens in all (<see cref="BatchShape.DecodeKvTokens"/>) the time of a batch that only decodes stays affine in
    /// them; the simulator sums runs of decode steps in closed form up to there. Infinity where it always does.
    /// </summary>
    double NextBend(in BatchShape batch);
}
