namespace Tuner.Policy.Telemetry.Prometheus;

/// <summary>One line of a metrics page.</summary>
/// <param name="Series">Name and labels as written, what makes a series itself.</param>
/// <param name="Name">The metric's name.</param>
/// <param name="Labels">The labels, unescaped.</param>
/// <param name="Value">The value; may be infinite or NaN.</param>
internal sealed record PrometheusSample(string Series, string Name, IReadOnlyDictionary<string, string> Labels, double Value);
