namespace Tuner.Kernels.Calibration;

/// <summary>Interpolates along one axis of a table while leaving one of its nodes out.</summary>
internal static class AxisInterpolation
{
    /// <summary>
    /// The value at a node from the nearest nodes with values on both sides, linear in the logarithm of the axis; from one side alone at the
    /// edge; NaN with neither.
    /// </summary>
    public static double Around(IReadOnlyList<int> axis, int at, Func<int, double> value)
    {
        int below = at - 1;
        while (below >= 0 && double.IsNaN(value(below)))
            below--;
        int above = at + 1;
        while (above < axis.Count && double.IsNaN(value(above)))
            above++;
        if (below < 0)
            return above < axis.Count ? value(above) : double.NaN;
        if (above >= axis.Count)
            return value(below);
        double share = Math.Log((double)axis[at] / axis[below]) / Math.Log((double)axis[above] / axis[below]);
        return value(below) + (share * (value(above) - value(below)));
    }
}
