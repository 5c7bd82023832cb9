namespace Tuner.Policy.Knobs;

/// <summary>One rung of the batch ladder: how many sequences a batch may hold and how many tokens a step may process.</summary>
/// <param name="Sequences">Most sequences running at once on one replica, at least 1 (vLLM: <c>max_num_seqs</c>).</param>
/// <param name="TokenBudget">Most tokens of one engine step, prefill chunks included (vLLM: <c>max_num_batched_tokens</c>).</param>
public readonly record struct BatchRung(int Sequences, int TokenBudget);
