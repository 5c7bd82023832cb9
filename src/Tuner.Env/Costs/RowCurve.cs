using System.Runtime.CompilerServices;

namespace Tuner.Env.Costs;

/// <summary>Seconds as a function of the rows of a product: linear between knots, for full-width and ragged row counts apart.</summary>
internal sealed class RowCurve
{
    /// <summary>Largest batch vLLM captures a graph for by default: below, rows are padded to a captured size (vllm/config, <c>cudagraph_capture_sizes</c>).</summary>
    public const int LargestCaptured = 512;

    private static readonly int[] DefaultRows = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768];

    private readonly double[] alignedRows;
    private readonly double[] alignedSeconds;
    private readonly double[] raggedRows;
    private readonly double[] raggedSeconds;

    /// <summary>Samples a function of the rows.</summary>
    /// <param name="rows">Where to sample; ascending.</param>
    /// <param name="seconds">The function.</param>
    public RowCurve(IReadOnlyList<int> rows, Func<int, double> seconds)
    {
        int[] aligned = [.. rows.Where(GemmTerm.IsAligned)];
        int[] ragged = [.. rows.Where(row => !GemmTerm.IsAligned(row))];
        if (ragged.Length < 2)
            ragged = aligned;
        alignedRows = [.. aligned.Select(row => (double)row)];
        alignedSeconds = [.. aligned.Select(seconds)];
        raggedRows = [.. ragged.Select(row => (double)row)];
        raggedSeconds = [.. ragged.Select(seconds)];
    }

    /// <summary>The rows at which terms of an engine were measured; a spread of powers of two where none was.</summary>
    public static IReadOnlyList<int> Knots(IEnumerable<GemmTerm> terms)
    {
        int[] measured = [.. terms.Where(term => term.Residuals is not null).SelectMany(term => term.Residuals!.Z).Distinct().Order()];
        return measured.Length > 0 ? measured : DefaultRows;
    }

    /// <summary>Seconds for a number of rows, at least 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double At(double rows)
    {
        if (rows <= LargestCaptured)
            return Lerp(alignedRows, alignedSeconds, Padded(rows));
        return ((long)rows & 3) == 0 ? Lerp(alignedRows, alignedSeconds, rows) : Lerp(raggedRows, raggedSeconds, rows);
    }

    // vLLM's default capture sizes: 1, 2, 4, multiples of 8 up to 256 and of 16 up to 512.
    private static double Padded(double rows)
    {
        if (rows <= 2)
            return Math.Ceiling(rows);
        if (rows <= 4)
            return 4;
        double multiple = rows <= 256 ? 8 : 16;
        return Math.Ceiling(rows / multiple) * multiple;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Lerp(double[] x, double[] y, double at)
    {
        int low = 0;
        int high = x.Length - 1;
        while (high - low > 1)
        {
            int middle = (low + high) >> 1;
            if (x[middle] <= at)
                low = middle;
            else
                high = middle;
        }

        return y[low] + ((at - x[low]) / (x[high] - x[low]) * (y[high] - y[low]));
    }
}
