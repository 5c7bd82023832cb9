namespace Tuner.Env.Traffic;

/// <summary>One kind of work: how its arrivals clump and how long its requests are.</summary>
/// <param name="Class">The kind.</param>
/// <param name="Cv">Coefficient of variation of the gaps at steady load; 1 is Poisson.</param>
/// <param name="Correlation">Spearman's rank correlation of prompt and output lengths.</param>
/// <param name="Prompt">Pairs of probability and prompt tokens, from 0 to 1.</param>
/// <param name="Output">Pairs of probability and output tokens, from 0 to 1.</param>
/// <param name="Prefixes">How prompts share prefixes; null when they do not say.</param>
internal sealed record FamilySpec(TrafficClass Class, double Cv, double Correlation, double[][] Prompt, double[][] Output, PrefixSpec? Prefixes);
