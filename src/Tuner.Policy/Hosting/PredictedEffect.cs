namespace Tuner.Policy.Hosting;

/// <summary>What changing to proposed settings would do over the time to come, against holding still.</summary>
public sealed record PredictedEffect
{
    /// <summary>Share of requests that meet both promises, 0 to 1.</summary>
    public required PredictedChange Attainment { get; init; }

    /// <summary>Time to first token, 90th percentile, seconds.</summary>
    public required PredictedChange TtftP90 { get; init; }

    /// <summary>Time per output token, 90th percentile, seconds.</summary>
    public required PredictedChange TpotP90 { get; init; }

    /// <summary>Energy of all GPUs per output token, joules.</summary>
    public required PredictedChange JoulesPerToken { get; init; }

    /// <summary>Mean quality loss of a request, points.</summary>
    public required PredictedChange QualityLoss { get; init; }

    /// <summary>Time the prediction covers, seconds from the decision.</summary>
    public required double HorizonSeconds { get; init; }
}
