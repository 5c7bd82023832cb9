namespace Tuner.Env.Costs;

/// <summary>A kind of GPU and what engines' kernels achieve on it: what calibration writes and the cost model reads.</summary>
public sealed record HardwareProfile
{
    /// <summary>The GPU's name, such as <c>h200</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Memory of a GPU, bytes.</summary>
    public required double MemoryBytes { get; init; }

    /// <summary>Peak bandwidth of that memory, bytes a second.</summary>
    public required double MemoryBytesPerSecond { get; init; }

    /// <summary>Power, by how busy it is.</summary>
    public required PowerTerm Power { get; init; }

    /// <summary>The link to the host's memory.</summary>
    public required HostLinkTerm HostLink { get; init; }

    /// <summary>Latency of a message to another GPU where none was timed, seconds.</summary>
    public required double HopSeconds { get; init; }

    /// <summary>Bandwidth to another GPU where none was timed, bytes a second.</summary>
    public required double PeerBytesPerSecond { get; init; }

    /// <summary>The engines measured; the first is the one a scenario gets when it names none.</summary>
    public required IReadOnlyList<EngineKernels> Engines { get; init; }

    /// <summary>An engine with the experts of the profile's other engines where it has none of its own: their kernels come from the same libraries.</summary>
    public EngineKernels WithExperts(EngineKernels engine) =>
        engine.Experts.Count > 0 ? engine : engine with { Experts = [.. Engines.SelectMany(other => other.Experts)] };

    /// <summary>How well each fitted term reproduces its measurements; empty where nothing was fitted.</summary>
    public IReadOnlyList<FitError> Errors { get; init; } = [];

    /// <summary>Where the figures come from, one sentence each.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>Engines without tables on this GPU: they run the kernels of one that has some.</summary>
    public IReadOnlyList<EngineBehaviour> Borrowers { get; init; } = [];

    /// <summary>Names of all engines, those with tables of their own first.</summary>
    public IEnumerable<string> EngineNames => [.. Engines.Select(engine => engine.Name), .. Borrowers.Select(borrower => borrower.Name)];

    /// <summary>An engine by name, in any case; null takes the first.</summary>
    /// <exception cref="ArgumentException">The profile has no such engine.</exception>
    public EngineKernels Engine(string? name)
    {
        if (name is null)
            return Engines[0];
        if (Engines.FirstOrDefault(engine => engine.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } own)
            return own;
        EngineBehaviour borrower = Borrowers.FirstOrDefault(engine => engine.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException($"{Name} has no engine '{name}'; it has {string.Join(", ", EngineNames)}.", nameof(name));
        return borrower.On(Engines.FirstOrDefault(engine => engine.Name == borrower.Kernels) ?? Engines[0]);
    }
}
