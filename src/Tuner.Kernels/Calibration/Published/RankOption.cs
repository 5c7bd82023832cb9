namespace Tuner.Kernels.Calibration.Published;

/// <summary>One way to serve a workload.</summary>
/// <param name="Workload">What is served.</param>
/// <param name="Measured">What it cost, measured: seconds, or GPU-seconds; less is better.</param>
/// <param name="Predicted">The same, predicted.</param>
public readonly record struct RankOption(string Workload, double Measured, double Predicted);
