using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Optimization;

namespace Tuner.Kernels.Calibration;

/// <summary>Fits positive parameters of a time formula to measured times by their relative errors.</summary>
/// <remarks>
/// Minimises Σ ρ(log predicted − log measured) over the logarithms of the parameters, ρ being Huber's loss (Huber, Ann. Math.
/// Statist. 35, 1964): a kernel that falls off its neighbours' curve pulls on the fit with bounded force. The simplex of Nelder and
/// Mead needs no derivative and is restarted once from where it stopped, since it may stall.
/// </remarks>
internal static class RobustFit
{
    /// <summary>Where the loss turns from square to linear: an error of about 15 %.</summary>
    private const double Bend = 0.15;

    /// <summary>Fits the parameters.</summary>
    /// <param name="start">First guess, all positive.</param>
    /// <param name="predict">Writes a prediction for every measurement.</param>
    /// <param name="measured">Measured times, positive.</param>
    public static double[] Fit(double[] start, Action<double[], double[]> predict, double[] measured)
    {
        var predicted = new double[measured.Length];
        double Loss(Vector<double> logs)
        {
            predict([.. logs.Select(log => Math.Exp(log))], predicted);
            double sum = 0;
            for (int i = 0; i < measured.Length; i++)
            {
                double error = Math.Abs(Math.Log(predicted[i] / measured[i]));
                sum += error < Bend ? 0.5 * error * error : Bend * (error - (0.5 * Bend));
            }

            return sum / measured.Length;
        }

        IObjectiveFunction objective = ObjectiveFunction.Value(Loss);
        Vector<double> point = Vector<double>.Build.Dense([.. start.Select(value => Math.Log(value))]);
        for (int round = 0; round < 2; round++)
            point = NelderMeadSimplex.Minimum(objective, point, Vector<double>.Build.Dense(start.Length, 0.3), 1e-7, 4000).MinimizingPoint;
        return [.. point.Select(log => Math.Exp(log))];
    }
}
