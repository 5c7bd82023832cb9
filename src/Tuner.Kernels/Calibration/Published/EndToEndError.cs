namespace Tuner.Kernels.Calibration.Published;

/// <summary>How far predictions lie from served benchmarks of one kind; errors are relative to what was measured.</summary>
/// <param name="Configuration">Model, weights and parallelism.</param>
/// <param name="Engine">Engine and version.</param>
/// <param name="Rows">Benchmarks compared.</param>
/// <param name="TpotError">Mean size of the error of time per output token.</param>
/// <param name="TpotBias">Its mean: below 0, predictions are too quick.</param>
/// <param name="TtftError">Mean size of the error of time to first token.</param>
/// <param name="TtftBias">Its mean.</param>
public sealed record EndToEndError(string Configuration, string Engine, int Rows, double TpotError, double TpotBias, double TtftError, double TtftBias)
{
    /// <summary>Means over predictions, at least one.</summary>
    public static EndToEndError Of(string configuration, string engine, IReadOnlyCollection<EndToEndPrediction> predictions) => new(
        configuration,
        engine,
        predictions.Count,
        predictions.Average(prediction => Math.Abs(prediction.TpotError)),
        predictions.Average(prediction => prediction.TpotError),
        predictions.Average(prediction => Math.Abs(prediction.TtftError)),
        predictions.Average(prediction => prediction.TtftError));
}
