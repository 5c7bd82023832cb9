namespace Tuner.Env.Evaluation;

/// <summary>What a closed-loop benchmark measures.</summary>
/// <param name="TtftSeconds">Mean time to first token, the burst at the start included.</param>
/// <param name="TpotSeconds">Mean time per output token after the first.</param>
/// <param name="OutputTokensPerSecond">Output tokens a second over the whole run.</param>
/// <param name="JoulesPerToken">Energy an output token takes, all GPUs.</param>
/// <param name="StepSeconds">Mean time of an engine step.</param>
public readonly record struct ClosedLoopResult(double TtftSeconds, double TpotSeconds, double OutputTokensPerSecond, double JoulesPerToken, double StepSeconds);
