namespace Tuner.Engines.CommandLines;

/// <summary>A draft model as the engine finds it.</summary>
/// <param name="Model">Path or name of its weights.</param>
/// <param name="Tokens">Tokens drafted at once, at least 1.</param>
/// <param name="Eagle3">Whether it is an EAGLE-3 head and not a model of its own.</param>
public sealed record EngineDraft(string Model, int Tokens, bool Eagle3 = false);
