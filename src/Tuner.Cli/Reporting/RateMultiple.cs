using System.Globalization;

namespace Tuner.Cli.Reporting;

/// <summary>A multiple of a trace's rate as text, found to 1 %: a large model carries a few hundredths of a day's rate, and two decimals would hide what one policy carries more.</summary>
internal static class RateMultiple
{
    public static string Text(double multiple) => multiple.ToString(multiple < 1 ? "0.000" : "0.00", CultureInfo.InvariantCulture);
}
