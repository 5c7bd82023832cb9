namespace Tuner.Kernels.Operations;

/// <summary>y[rows, outputs] = x[rows, inputs] · w[outputs, inputs]ᵀ.</summary>
/// <param name="Rows">Tokens.</param>
/// <param name="Outputs">Columns of the result.</param>
/// <param name="Inputs">Length of the dot products.</param>
public readonly record struct ProductShape(int Rows, int Outputs, int Inputs)
{
    /// <summary>Floating-point operations, a multiplication and an addition each.</summary>
    public double Flops => 2.0 * Rows * Outputs * Inputs;

    /// <summary>Rows × outputs × inputs, for a person.</summary>
    public override string ToString() => $"{Rows} × {Outputs} × {Inputs}";
}
