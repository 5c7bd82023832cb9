using System.Globalization;
using System.Text;

namespace Tuner.Policy.Telemetry.Prometheus;

/// <summary>Reads the Prometheus text exposition format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats), as the UTF-8 it comes in.</summary>
internal static class PrometheusText
{
    private static readonly Dictionary<string, string> NoLabels = [];

    /// <summary>Takes the next line that holds a sample off a page; comments and empty lines are left out.</summary>
    /// <param name="page">What is left of the page.</param>
    /// <param name="number">The line's number, from 1.</param>
    /// <param name="line">The line, trimmed.</param>
    public static bool TryNext(ref ReadOnlySpan<byte> page, ref int number, out ReadOnlySpan<byte> line)
    {
        if (number == 0 && page.StartsWith("\uFEFF"u8))
            page = page[3..];
        while (!page.IsEmpty)
        {
            int end = page.IndexOf((byte)'\n');
            line = Trimmed(end < 0 ? page : page[..end]);
            page = end < 0 ? default : page[(end + 1)..];
            number++;
            if (line.Length > 0 && line[0] != '#')
                return true;
        }

        line = default;
        return false;
    }

    /// <summary>Where name and labels of a line end; below 1 where they do not.</summary>
    public static int SeriesEnd(ReadOnlySpan<byte> line)
    {
        int at = line.IndexOfAny((byte)'{', (byte)' ', (byte)'\t');
        if (at <= 0 || line[at] != '{')
            return at;
        bool quoted = false;
        while (++at < line.Length)
        {
            int next = line[at..].IndexOfAny((byte)'"', (byte)'\\', (byte)'}');
            if (next < 0)
                return -1;
            at += next;
            if (line[at] == '"')
                quoted = !quoted;
            else if (line[at] == '\\')
                at++;
            else if (!quoted)
                return at + 1;
        }

        return -1;
    }

    /// <summary>Takes name and labels of a line apart.</summary>
    /// <exception cref="FormatException">They are none; the message says where and what was expected.</exception>
    public static (int End, string Name, IReadOnlyDictionary<string, string> Labels) Series(ReadOnlySpan<byte> line, int number)
    {
        int end = line.IndexOfAny((byte)'{', (byte)' ', (byte)'\t');
        if (end <= 0)
            throw Bad(number, line, "a name and a value");
        string name = Encoding.UTF8.GetString(line[..end]);
        if (line[end] != '{')
            return (end, name, NoLabels);
        Dictionary<string, string> labels = Labels(line, end + 1, number, out end);
        return (end, name, labels);
    }

    /// <summary>The value of a line; a timestamp behind it is left out.</summary>
    /// <exception cref="FormatException">It is no number; the message says where.</exception>
    public static double Value(ReadOnlySpan<byte> line, int seriesEnd, int number)
    {
        ReadOnlySpan<byte> text = Trimmed(line[seriesEnd..]);
        int space = text.IndexOfAny((byte)' ', (byte)'\t');
        if (space >= 0)
            text = text[..space];
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
            return value;
        return text.SequenceEqual("+Inf"u8) || text.SequenceEqual("Inf"u8) ? double.PositiveInfinity
            : text.SequenceEqual("-Inf"u8) ? double.NegativeInfinity
            : throw Bad(number, line, "a number as value");
    }

    private static Dictionary<string, string> Labels(ReadOnlySpan<byte> line, int at, int number, out int end)
    {
        var labels = new Dictionary<string, string>();
        while (true)
        {
            while (at < line.Length && line[at] is (byte)' ' or (byte)',')
                at++;
            if (at < line.Length && line[at] == '}')
            {
                end = at + 1;
                return labels;
            }

            int equals = at < line.Length ? line[at..].IndexOf((byte)'=') : -1;
            if (equals <= 0 || at + equals + 1 >= line.Length || line[at + equals + 1] != '"')
                throw Bad(number, line, "label=\"value\" pairs");
            string key = Encoding.UTF8.GetString(Trimmed(line.Slice(at, equals)));
            at += equals + 2;
            labels[key] = Quoted(line, ref at, number);
        }
    }

    private static string Quoted(ReadOnlySpan<byte> line, ref int at, int number)
    {
        var text = new List<byte>();
        for (; at < line.Length; at++)
        {
            switch (line[at])
            {
                case (byte)'"':
                    at++;
                    return Encoding.UTF8.GetString([.. text]);
                case (byte)'\\' when at + 1 < line.Length:
                    at++;
                    text.Add(line[at] == 'n' ? (byte)'\n' : line[at]);
                    break;
                default:
                    text.Add(line[at]);
                    break;
            }
        }

        throw Bad(number, line, "a closing quote");
    }

    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> text) => text.Trim(" \t\r"u8);

    private static FormatException Bad(int number, ReadOnlySpan<byte> line, string expected)
    {
        string text = Encoding.UTF8.GetString(line);
        return new FormatException($"metrics page, line {number}: \"{(text.Length > 80 ? text[..80] : text)}\"; expected {expected}");
    }
}
