namespace Tuner.Env.Cluster;

/// <summary>One engine step with prompts in it, or a run of steps that only decode.</summary>
/// <param name="Replica">The replica's number, as in <see cref="ReplicaRecord"/>.</param>
/// <param name="StartSeconds">When it began, simulated seconds since the cluster's start.</param>
/// <param name="EndSeconds">When it ended.</param>
/// <param name="Steps">Engine steps: 1 with prompts.</param>
/// <param name="DecodeSequences">Sequences that decode.</param>
/// <param name="PrefillTokens">Prompt tokens processed; 0 in a run of decode steps.</param>
/// <param name="PrefillSequences">Prompts those tokens belong to.</param>
/// <param name="Waiting">Requests waiting at its end.</param>
/// <param name="KvUse">Share of KV blocks in use at its end, 0 to 1.</param>
public readonly record struct StepRecord(
    int Replica,
    double StartSeconds,
    double EndSeconds,
    int Steps,
    int DecodeSequences,
    int PrefillTokens,
    int PrefillSequences,
    int Waiting,
    double KvUse);
