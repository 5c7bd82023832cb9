using Tuner.Env.Traffic;

namespace Tuner.Env.Fuzzing;

/// <summary>A drawn request.</summary>
/// <param name="Gap">Seconds after the request before it.</param>
/// <param name="Prompt">Prompt tokens beside those of its shared blocks.</param>
/// <param name="Output">Output tokens.</param>
/// <param name="Class">What kind of work it is.</param>
/// <param name="Session">Whose blocks it shares.</param>
/// <param name="Blocks">How many leading blocks it shares; 0 for none.</param>
internal sealed record FuzzRequest(double Gap, int Prompt, int Output, TrafficClass Class, int Session, int Blocks);
