namespace Tuner.Kernels.Calibration;

/// <summary>How far a calibration is.</summary>
/// <param name="Done">Points measured.</param>
/// <param name="Total">Points in all.</param>
/// <param name="What">What is measured next, for a person.</param>
public readonly record struct CalibrationProgress(int Done, int Total, string What);
