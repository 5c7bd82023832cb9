namespace Tuner.WhatIf;

/// <summary>One simulated stretch.</summary>
internal readonly record struct StretchResult(double Attainment, double TtftP90, double TpotP90, double JoulesPerToken, double QualityLoss);
