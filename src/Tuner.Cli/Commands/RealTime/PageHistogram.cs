using System.Globalization;
using System.Text;

namespace Tuner.Cli.Commands.RealTime;

/// <summary>A histogram of a metrics page.</summary>
/// <param name="name">The metric's name.</param>
/// <param name="bounds">Upper bounds of its buckets, ascending.</param>
internal sealed class PageHistogram(string name, params double[] bounds)
{
    private readonly long[] counts = new long[bounds.Length + 1];
    private double sum;

    public void Observe(double value, long times = 1)
    {
        int bucket = Array.FindIndex(bounds, bound => value <= bound);
        counts[bucket < 0 ? bounds.Length : bucket] += times;
        sum += value * times;
    }

    public void Write(StringBuilder page, string labels)
    {
        page.Append(CultureInfo.InvariantCulture, $"# TYPE {name} histogram\n");
        long cumulative = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            cumulative += counts[i];
            string bound = i < bounds.Length ? VllmPage.Number(bounds[i]) : "+Inf";
            page.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{labels},le=\"{bound}\"}} {VllmPage.Number(cumulative)}\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"{name}_count{{{labels}}} {VllmPage.Number(cumulative)}\n{name}_sum{{{labels}}} {VllmPage.Number(sum)}\n");
    }
}
