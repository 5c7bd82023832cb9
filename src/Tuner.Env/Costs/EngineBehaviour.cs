namespace Tuner.Env.Costs;

/// <summary>What a serving engine adds to kernels, on any GPU: host time, how it fills its steps, and the process in front of it.</summary>
public sealed record EngineBehaviour
{
    /// <summary>The engine, such as <c>sglang</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The versions observed.</summary>
    public required string Version { get; init; }

    /// <summary>Whose kernel tables stand for its kernels: its own name, or that of an engine with the same libraries.</summary>
    public required string Kernels { get; init; }

    /// <inheritdoc cref="EngineOverheads.StepSeconds"/>
    public required double StepSeconds { get; init; }

    /// <inheritdoc cref="EngineOverheads.SequenceSeconds"/>
    public required double SequenceSeconds { get; init; }

    /// <inheritdoc cref="EngineOverheads.TokenSeconds"/>
    public required double TokenSeconds { get; init; }

    /// <inheritdoc cref="EngineOverheads.LayerSeconds"/>
    public required double LayerSeconds { get; init; }

    /// <inheritdoc cref="EngineOverheads.EagerLayerSeconds"/>
    public required double EagerLayerSeconds { get; init; }

    /// <inheritdoc cref="EngineOverheads.LaunchSeconds"/>
    public required double LaunchSeconds { get; init; }

    /// <summary>How it fills its steps.</summary>
    public required EngineSchedule Schedule { get; init; }

    /// <summary>The process in front of it.</summary>
    public required FrontEnd FrontEnd { get; init; }

    /// <summary>Where the host times come from.</summary>
    public required string Source { get; init; }

    /// <summary>The engine on a GPU: kernels from tables, the rest from here.</summary>
    /// <param name="tables">Kernels of the engine or of one like it.</param>
    public EngineKernels On(EngineKernels tables) => tables with
    {
        Name = Name,
        Version = tables.Name == Name ? tables.Version : $"{Version}, kernels of {tables.Name} {tables.Version}",
        Overheads = new EngineOverheads(StepSeconds, SequenceSeconds, TokenSeconds, LayerSeconds, EagerLayerSeconds, LaunchSeconds, tables.Overheads.ElementwiseBytesPerSecond, Source),
        Schedule = Schedule,
        FrontEnd = FrontEnd,
    };
}
