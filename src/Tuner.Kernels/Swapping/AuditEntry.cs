namespace Tuner.Kernels.Swapping;

/// <summary>One line of the audit log.</summary>
/// <param name="When">When it happened.</param>
/// <param name="Operation">The operation.</param>
/// <param name="Kind">What happened.</param>
/// <param name="From">The kernel before; null where there was none.</param>
/// <param name="To">The kernel after; null where there is none.</param>
/// <param name="Why">The reason, in a sentence.</param>
/// <param name="Evidence">What it rests on.</param>
public sealed record AuditEntry(DateTimeOffset When, string Operation, AuditKind Kind, string? From, string? To, string Why, AuditEvidence? Evidence);
