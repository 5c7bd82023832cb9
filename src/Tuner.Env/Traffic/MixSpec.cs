namespace Tuner.Env.Traffic;

/// <summary>A mix of families whose shares drift.</summary>
/// <param name="PeriodSeconds">Period of the drift, another than the load's.</param>
/// <param name="Families">What is mixed.</param>
internal sealed record MixSpec(double PeriodSeconds, MixShare[] Families);
