namespace Tuner.Env.Fuzzing;

/// <summary>A drawn draft model.</summary>
/// <param name="Model">A shipped model's name.</param>
/// <param name="Acceptance">Acceptance of each drafted position, the same for every traffic class.</param>
internal sealed record FuzzDraft(string Model, double[] Acceptance);
