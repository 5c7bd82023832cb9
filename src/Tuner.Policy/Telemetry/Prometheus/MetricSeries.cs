using System.Globalization;

namespace Tuner.Policy.Telemetry.Prometheus;

/// <summary>A series of a metrics page and its values at two looks. Made when it is first met, so that later looks compare bytes and parse a number.</summary>
/// <param name="text">Name and labels as written, what makes a series itself.</param>
/// <param name="name">The metric's name.</param>
/// <param name="labels">The labels, unescaped.</param>
internal sealed class MetricSeries(byte[] text, string name, IReadOnlyDictionary<string, string> labels)
{
    private (long Look, double Value) even;
    private (long Look, double Value) odd;

    /// <summary>Name and labels as written.</summary>
    public ReadOnlySpan<byte> Text => text;

    /// <summary>The metric's name.</summary>
    public string Name => name;

    /// <summary>The labels, unescaped.</summary>
    public IReadOnlyDictionary<string, string> Labels => labels;

    /// <summary>Upper bound of a histogram's bucket; NaN where there is none.</summary>
    public double UpperBound { get; } = !labels.TryGetValue("le", out string? le) ? double.NaN
        : le is "+Inf" or "Inf" ? double.PositiveInfinity
        : double.TryParse(le, NumberStyles.Float, CultureInfo.InvariantCulture, out double bound) ? bound : double.NaN;

    /// <summary>Whether it is of the engine that is watched.</summary>
    public bool Counts { get; init; }

    /// <summary>The series that stood behind it at the last look: most likely it does again.</summary>
    public MetricSeries? Next { get; set; }

    /// <summary>Whether a line tells of this series.</summary>
    public bool Begins(ReadOnlySpan<byte> line) => line.Length > text.Length && line[text.Length] is (byte)' ' or (byte)'\t' && line.StartsWith(text);

    /// <summary>Notes a value; the same series twice on a page (several servers behind one name) adds up.</summary>
    public void Put(long look, double value)
    {
        ref (long Look, double Value) slot = ref (look & 1) == 0 ? ref even : ref odd;
        slot = slot.Look == look ? (look, slot.Value + value) : (look, value);
    }

    /// <summary>Whether a look met it.</summary>
    public bool Seen(long look) => ((look & 1) == 0 ? even : odd).Look == look;

    /// <summary>What a look told; 0 where it did not meet the series.</summary>
    public double At(long look)
    {
        (long at, double value) = (look & 1) == 0 ? even : odd;
        return at == look ? value : 0;
    }
}
