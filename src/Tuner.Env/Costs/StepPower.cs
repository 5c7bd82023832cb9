namespace Tuner.Env.Costs;

/// <summary>How busy a GPU is in a step, and what it draws.</summary>
/// <param name="Watts">Mean power of one GPU.</param>
/// <param name="MemoryShare">Bytes moved, as a share of what the memory's peak bandwidth could.</param>
/// <param name="ArithmeticShare">Time products would take at full rate, as a share of the step.</param>
public readonly record struct StepPower(double Watts, double MemoryShare, double ArithmeticShare);
