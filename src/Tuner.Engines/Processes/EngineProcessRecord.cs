using Tuner.Policy.Knobs;

namespace Tuner.Engines.Processes;

/// <summary>Which process runs the engine, so that a host started anew finds it.</summary>
/// <param name="Id">The process.</param>
/// <param name="StartedTicks">When the system says it was started: ids are used again.</param>
/// <param name="Settings">What it was started with.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record EngineProcessRecord(int Id, long StartedTicks, KnobSettings Settings, IReadOnlyList<string> Arguments);
