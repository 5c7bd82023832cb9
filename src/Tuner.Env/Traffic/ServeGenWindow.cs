namespace Tuner.Env.Traffic;

/// <summary>What one ServeGen client did over one window: its request rate and the law of the gaps between requests.</summary>
internal readonly record struct ServeGenWindow(double StartSeconds, double Rate, bool IsWeibull, double Shape, double Scale);
