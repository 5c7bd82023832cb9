namespace Tuner.Env.Costs;

/// <summary>What matrix multiplications of one precision achieve: time = overhead + √((flops/compute)² + (bytes/bandwidth)²).</summary>
/// <remarks>The root of squares is a roofline with a rounded corner: near the ridge real kernels reach neither roof.</remarks>
/// <param name="FlopsPerSecond">Achieved arithmetic rate of large products.</param>
/// <param name="BytesPerSecond">Achieved weight-streaming bandwidth.</param>
/// <param name="OverheadSeconds">Floor of one call.</param>
/// <param name="BytesPerWeight">Bytes read a weight, block scales included.</param>
public sealed record GemmFit(double FlopsPerSecond, double BytesPerSecond, double OverheadSeconds, double BytesPerWeight)
{
    /// <summary>Seconds of y[rows, outputs] = x[rows, inputs] · w[inputs, outputs].</summary>
    public double Seconds(double rows, double outputs, double inputs)
    {
        double compute = ArithmeticSeconds(rows, outputs, inputs);
        double memory = ((outputs * inputs * BytesPerWeight) + (2 * rows * (outputs + inputs))) / BytesPerSecond;
        return OverheadSeconds + Math.Sqrt((compute * compute) + (memory * memory));
    }

    /// <summary>Seconds its arithmetic alone takes.</summary>
    public double ArithmeticSeconds(double rows, double outputs, double inputs) => 2 * rows * outputs * inputs / FlopsPerSecond;
}
