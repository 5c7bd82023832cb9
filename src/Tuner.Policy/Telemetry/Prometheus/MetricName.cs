namespace Tuner.Policy.Telemetry.Prometheus;

/// <summary>Where a metrics page tells one thing: a name, and which of its series.</summary>
/// <param name="Name">The metric's name; a counter's may lack its <c>_total</c>, a histogram's lacks its <c>_bucket</c>.</param>
internal sealed record MetricName(string Name)
{
    /// <summary>Only series with this label at one of <see cref="Values"/> count; null counts all.</summary>
    public string? Label { get; init; }

    /// <summary>Values of <see cref="Label"/>.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>Turns the page's unit into ours (seconds, tokens).</summary>
    public double Scale { get; init; } = 1;

    public static implicit operator MetricName(string name) => new(name);

    /// <summary>The series of this metric where a label has one of these values.</summary>
    public MetricName Where(string label, params string[] values) => this with { Label = label, Values = values };

    /// <summary>Whether a series is one of them, by its labels alone.</summary>
    public bool Covers(IReadOnlyDictionary<string, string> labels)
        => Label is null || (labels.TryGetValue(Label, out string? value) && Values.Contains(value));
}
