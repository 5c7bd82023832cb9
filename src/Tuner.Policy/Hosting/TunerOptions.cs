using Tuner.Policy.Files;
using Tuner.Policy.Knobs;

namespace Tuner.Policy.Hosting;

/// <summary>What a host says of the engine it tunes. Checked at start, all at once.</summary>
public sealed class TunerOptions
{
    /// <summary>The policy file; relative paths start at the content root. Replaced while the host runs, it is taken up at the next decision.</summary>
    public string PolicyPath { get; set; } = "";

    /// <summary>The ladders and promises the policy was trained for.</summary>
    /// <value>Null by default: the policy file says so itself.</value>
    public ServingContract? Contract { get; set; }

    /// <summary>The settings the kill switch and roll-backs fall back to.</summary>
    /// <value>Null by default: what the engine runs with when Tuner first sees it.</value>
    public KnobSettings? OperatorSettings { get; set; }

    /// <summary>One decision each.</summary>
    /// <value>10 seconds by default, as in training.</value>
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Where state, the audit log and the kill switch live; relative paths start at the content root. Must survive restarts.</summary>
    public string StateFolder { get; set; } = "tuner-state";

    /// <summary>How long reading telemetry, or reading settings back, may take.</summary>
    /// <value>5 seconds by default.</value>
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long applying settings may take before it counts as failed.</summary>
    /// <value>10 minutes by default: a large engine needs minutes to restart.</value>
    public TimeSpan ApplyTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a what-if may take before its answer is left out; see <see cref="TunerBuilder.PredictWith{TWhatIf}"/>.</summary>
    /// <value>8 seconds by default: an answer is due before the next window of ten.</value>
    public TimeSpan WhatIfTimeout { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>Size at which the audit log is rotated, bytes.</summary>
    /// <value>16 MiB by default: about a day at one decision in ten seconds.</value>
    public long AuditBytes { get; set; } = 16 << 20;

    /// <summary>Rotated audit logs kept.</summary>
    /// <value>8 by default.</value>
    public int AuditFiles { get; set; } = 8;
}
