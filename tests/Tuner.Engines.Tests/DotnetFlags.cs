using Tuner.Engines.CommandLines;
using Tuner.Policy.Knobs;

namespace Tuner.Engines.Tests;

/// <summary>vLLM's arguments, for the child engine of this assembly.</summary>
internal sealed class DotnetFlags(VllmFlags vllm) : EngineFlags(vllm.Setup)
{
    protected override IReadOnlyList<Knob> Written { get; } = [Knob.Parallelism, Knob.MaxBatch, Knob.KvCompression];

    protected override EngineCommandLine Compose(in KnobSettings settings)
        => new([typeof(ChildEngine).Assembly.Location, "engine", .. vllm.Write(settings).Arguments]);
}
