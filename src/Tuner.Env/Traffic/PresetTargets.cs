namespace Tuner.Env.Traffic;

/// <summary>Figures of the measured trace that the synthetic one is to reproduce; 0 where none is stated.</summary>
internal sealed record PresetTargets(double PromptMean, double OutputMean, double HitShare);
