namespace Tuner.Env.Costs;

/// <summary>What the kernels of a step have to do, on one GPU.</summary>
/// <param name="ArithmeticSeconds">Time its arithmetic alone would take at the rates large products reach.</param>
/// <param name="Bytes">Weights, keys and values and activations it moves.</param>
internal readonly record struct StepWork(double ArithmeticSeconds, double Bytes)
{
    public static StepWork operator +(StepWork left, StepWork right) => new(left.ArithmeticSeconds + right.ArithmeticSeconds, left.Bytes + right.Bytes);

    public static StepWork operator *(double times, StepWork work) => new(times * work.ArithmeticSeconds, times * work.Bytes);
}
