using Tuner.Env.Evaluation;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>A served benchmark and what the cost model says of it.</summary>
/// <param name="Sample">What was measured.</param>
/// <param name="Predicted">What was predicted.</param>
public sealed record EndToEndPrediction(EndToEndSample Sample, ClosedLoopResult Predicted)
{
    /// <summary>Relative error of time per output token; below 0 the prediction is too quick.</summary>
    public double TpotError => (Predicted.TpotSeconds / Sample.TpotSeconds) - 1;

    /// <summary>Relative error of time to first token.</summary>
    public double TtftError => (Predicted.TtftSeconds / Sample.TtftSeconds) - 1;
}
