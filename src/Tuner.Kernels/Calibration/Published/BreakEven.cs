namespace Tuner.Kernels.Calibration.Published;

/// <summary>From which concurrency on speculation loses.</summary>
/// <param name="Draft">The draft.</param>
/// <param name="DraftTokens">Tokens drafted a step.</param>
/// <param name="Measured">First concurrency measured at which speed-up is below 1; null where it never is.</param>
/// <param name="Predicted">The same, predicted.</param>
/// <param name="StepsApart">Measured concurrencies between the two.</param>
public sealed record BreakEven(string Draft, int DraftTokens, int? Measured, int? Predicted, int StepsApart);
