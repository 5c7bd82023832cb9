namespace Tuner.Env.Evaluation;

/// <summary>How a closed-loop benchmark is played.</summary>
/// <param name="TokenBudget">Most tokens of one step; 8192 is vLLM's and TensorRT-LLM's default on large GPUs.</param>
/// <param name="MaxSequences">Most sequences of one step.</param>
/// <param name="Rounds">Requests each place in flight serves before the benchmark ends.</param>
/// <param name="TurnaroundSeconds">Longest time a client takes between an answer and its next request.</param>
/// <param name="AcceptanceLength">Tokens a step yields a sequence under speculation.</param>
public sealed record ClosedLoopOptions(int TokenBudget = 8192, int MaxSequences = 1024, int Rounds = 4, double TurnaroundSeconds = 0.02, double AcceptanceLength = 1);
