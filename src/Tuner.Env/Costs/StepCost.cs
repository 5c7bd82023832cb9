namespace Tuner.Env.Costs;

/// <summary>What one engine step takes.</summary>
/// <param name="StageSeconds">
/// How long the step occupies one pipeline stage, with everything that cannot overlap: kernels, collectives, drafting, host
/// time. With one stage this is the step's time.
/// </param>
/// <param name="HopSeconds">Passing the activations on to the next stage; 0 with one stage.</param>
/// <param name="Joules">Energy of all the replica's GPUs for this step, idle power of waiting stages excluded.</param>
public readonly record struct StepCost(double StageSeconds, double HopSeconds, double Joules);
