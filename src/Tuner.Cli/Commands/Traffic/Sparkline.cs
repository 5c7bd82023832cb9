namespace Tuner.Cli.Commands.Traffic;

/// <summary>A curve in one line of text.</summary>
internal static class Sparkline
{
    private const string Levels = " ▁▂▃▄▅▆▇█";

    /// <summary>The values from zero up to their largest, averaged together where there are more than fit.</summary>
    public static string Of(ReadOnlySpan<double> values, int width)
    {
        if (values.IsEmpty)
            return "";
        int columns = Math.Min(width, values.Length);
        var means = new double[columns];
        for (int column = 0; column < columns; column++)
        {
            int from = (int)((long)column * values.Length / columns);
            int to = (int)((long)(column + 1) * values.Length / columns);
            foreach (double value in values[from..to])
                means[column] += value / (to - from);
        }

        double top = means.Max();
        return string.Create(columns, (means, top), static (text, curve) =>
        {
            for (int column = 0; column < text.Length; column++)
            {
                double part = curve.top > 0 ? curve.means[column] / curve.top : 0;
                text[column] = Levels[(int)Math.Ceiling(part * (Levels.Length - 1))];
            }
        });
    }
}
