namespace Tuner.Kernels.Launching.Recorded;

/// <summary>How a group of configurations does against the fastest of all.</summary>
/// <param name="Count">Configurations of the group that run.</param>
/// <param name="Typical">Share of the best speed that the group's median reaches.</param>
/// <param name="Best">Share that its fastest reaches: what choosing well within the group could bring.</param>
public sealed record GroupShare(int Count, double Typical, double Best);
