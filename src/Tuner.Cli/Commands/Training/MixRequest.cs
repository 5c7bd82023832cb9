namespace Tuner.Cli.Commands.Training;

/// <summary>What the user asks of a training mix.</summary>
internal sealed record MixRequest
{
    /// <summary>The share of episodes from the user's own traffic; 1 for all.</summary>
    public double OwnShare { get; init; } = 0.5;

    /// <summary>Presets to leave out.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    /// <summary>The lowest rate of episodes, as a multiple of what a fixed setting sustains.</summary>
    public double Light { get; init; } = 0.7;

    /// <summary>The highest.</summary>
    public double Heavy { get; init; } = 1.2;

    /// <summary>Other days of a preset in the user's traffic to choose by: what one day more or less of luck is worth is as much as candidates differ by.</summary>
    public int ValidationDays { get; init; } = 6;
}
