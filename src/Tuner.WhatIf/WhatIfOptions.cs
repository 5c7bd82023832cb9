namespace Tuner.WhatIf;

/// <summary>How long and how often a stretch is simulated.</summary>
public sealed record WhatIfOptions
{
    /// <summary>Simulated time served under the current settings before the comparison begins, seconds.</summary>
    /// <value>30 by default: caches and queues fill; requests already running are put in at the start.</value>
    public double WarmUpSeconds { get; init; } = 30;

    /// <summary>Length of the stretch whose arrivals are compared, seconds.</summary>
    /// <value>60 by default: six windows, long enough that switching pays for itself or does not.</value>
    public double HorizonSeconds { get; init; } = 60;

    /// <summary>Seeds the stretch is drawn from; both settings serve the same arrivals of each.</summary>
    /// <value>8 by default, at least 2: the interval is Student's over them.</value>
    public int Seeds { get; init; } = 8;

    /// <summary>What is wrong, in one sentence; null when nothing is.</summary>
    internal string? Problem()
    {
        if (!(WarmUpSeconds >= 0) || !double.IsFinite(WarmUpSeconds))
            return $"WarmUpSeconds is {WarmUpSeconds}; expected at least 0.";
        if (!(HorizonSeconds > 0) || !double.IsFinite(HorizonSeconds))
            return $"HorizonSeconds is {HorizonSeconds}; expected above 0.";
        return Seeds < 2 ? $"Seeds is {Seeds}; expected at least 2." : null;
    }
}
