using System.ComponentModel.DataAnnotations;
using Tuner.Policy.Knobs;

namespace Tuner.Env;

/// <summary>What an episode of <see cref="ServingEnvironment"/> is like.</summary>
public sealed class ServingEnvironmentOptions
{
    /// <summary>Length of a decision window in seconds.</summary>
    /// <value>10 by default.</value>
    [Range(1, 600)]
    public double WindowSeconds { get; set; } = 10;

    /// <summary>Windows of an episode, after which it is cut (truncated).</summary>
    /// <value>60 by default: ten minutes.</value>
    [Range(2, 100_000)]
    public int EpisodeWindows { get; set; } = 60;

    /// <summary>Windows served before the first observation, so that an episode does not begin with an empty cluster.</summary>
    [Range(0, 100)]
    public int WarmupWindows { get; set; } = 2;

    /// <summary>Lowest multiple of the traces' rate an episode may have.</summary>
    [Range(0.001, 1000)]
    public double MinRateScale { get; set; } = 0.7;

    /// <summary>Highest multiple of the traces' rate an episode may have.</summary>
    [Range(0.001, 1000)]
    public double MaxRateScale { get; set; } = 1.3;

    /// <summary>Settings most episodes start from, drawn at random; empty for the scenario's default.</summary>
    public IReadOnlyList<KnobSettings> StartSettings { get; set; } = [];

    /// <summary>Share of episodes that begin with quality saved up, as in the middle of a day, instead of with an empty account.</summary>
    [Range(0, 1)]
    public double SavedBudgetShare { get; set; } = 0.5;

    /// <summary>Most quality an episode begins with, in windows' worth of budget.</summary>
    [Range(0, 10_000)]
    public double MostSavedWindows { get; set; } = 60;

    /// <summary>Share of episodes that start from random settings instead, so that every setting is seen.</summary>
    [Range(0, 1)]
    public double RandomStartShare { get; set; } = 0.25;

    /// <summary>Least time between two changes of layout, seconds.</summary>
    [Range(0, 3600)]
    public double LayoutCooldownSeconds { get; set; } = 60;
}
