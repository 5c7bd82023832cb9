namespace Tuner.Env.Scenarios;

/// <summary>What lossy settings cost in answer quality, in points (percentage points of benchmark accuracy), and what may be spent.</summary>
/// <param name="Fp4Loss">Loss of <c>fp8-fp4</c> against <c>fp8</c>, points, at least 0.</param>
/// <param name="KvCompressionLoss">Loss of an 8-bit KV cache against a 16-bit one, points, at least 0.</param>
/// <param name="Budget">Mean loss over requests that the operator accepts, points, at least 0.</param>
public sealed record QualitySpec(double Fp4Loss, double KvCompressionLoss, double Budget);
