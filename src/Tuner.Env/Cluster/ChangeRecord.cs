using Tuner.Policy.Knobs;

namespace Tuner.Env.Cluster;

/// <summary>A change of settings that was asked for; what it causes follows in time.</summary>
/// <param name="Seconds">When, simulated seconds since the cluster's start.</param>
/// <param name="From">Settings before.</param>
/// <param name="To">Settings after; not the same.</param>
public readonly record struct ChangeRecord(double Seconds, KnobSettings From, KnobSettings To);
