using System.Globalization;
using System.Text;

namespace Tuner.Policy.Telemetry.Prometheus;

/// <summary>Reads the Prometheus text exposition format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).</summary>
internal static class PrometheusText
{
    private static readonly Dictionary<string, string> NoLabels = [];

    /// <summary>Reads a metrics page; comments and timestamps are left out.</summary>
    /// <exception cref="FormatException">A line is no sample; the message says which.</exception>
    public static List<PrometheusSample> Parse(string page)
    {
        var samples = new List<PrometheusSample>();
        int number = 0;
        foreach (ReadOnlySpan<char> raw in page.AsSpan().EnumerateLines())
        {
            number++;
            ReadOnlySpan<char> line = raw.Trim();
            if (line.Length > 0 && line[0] != '#')
                samples.Add(Line(line, number));
        }

        return samples;
    }

    private static PrometheusSample Line(ReadOnlySpan<char> line, int number)
    {
        int end = line.IndexOfAny('{', ' ', '\t');
        if (end <= 0)
            throw Bad(number, line, "a name and a value");
        string name = line[..end].ToString();
        IReadOnlyDictionary<string, string> labels = NoLabels;
        int at = end;
        if (line[end] == '{')
            labels = Labels(line, end + 1, number, out at);
        ReadOnlySpan<char> rest = line[at..].Trim();
        int space = rest.IndexOfAny(' ', '\t');
        ReadOnlySpan<char> value = space < 0 ? rest : rest[..space];
        return new PrometheusSample(line[..at].ToString(), name, labels, Value(value) ?? throw Bad(number, line, "a number as value"));
    }

    private static Dictionary<string, string> Labels(ReadOnlySpan<char> line, int at, int number, out int end)
    {
        var labels = new Dictionary<string, string>();
        while (true)
        {
            while (at < line.Length && line[at] is ' ' or ',')
                at++;
            if (at < line.Length && line[at] == '}')
            {
                end = at + 1;
                return labels;
            }

            int equals = at < line.Length ? line[at..].IndexOf('=') : -1;
            if (equals <= 0 || at + equals + 1 >= line.Length || line[at + equals + 1] != '"')
                throw Bad(number, line, "label=\"value\" pairs");
            string key = line.Slice(at, equals).Trim().ToString();
            at += equals + 2;
            labels[key] = Quoted(line, ref at, number);
        }
    }

    private static string Quoted(ReadOnlySpan<char> line, ref int at, int number)
    {
        var text = new StringBuilder();
        for (; at < line.Length; at++)
        {
            switch (line[at])
            {
                case '"':
                    at++;
                    return text.ToString();
                case '\\' when at + 1 < line.Length:
                    at++;
                    text.Append(line[at] == 'n' ? '\n' : line[at]);
                    break;
                default:
                    text.Append(line[at]);
                    break;
            }
        }

        throw Bad(number, line, "a closing quote");
    }

    private static double? Value(ReadOnlySpan<char> text) => text switch
    {
        "+Inf" or "Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null,
    };

    private static FormatException Bad(int number, ReadOnlySpan<char> line, string expected)
        => new($"metrics page, line {number}: \"{(line.Length > 80 ? line[..80] : line)}\"; expected {expected}");
}
