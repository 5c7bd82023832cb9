using Microsoft.Extensions.Logging;
using Tuner.Policy.Hosting.Auditing;
using Tuner.Policy.Knobs;
using Tuner.Policy.Safety;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Hosting;

/// <summary>Writes a window down: audit log, metrics, status, and a log line where something changes.</summary>
internal sealed class WindowNotes(AuditLog audit, TunerMonitor monitor, TimeProvider time, ILogger logger)
{
    private static readonly string[][] ValueNames =
        [.. Enumerable.Range(0, KnobSpace.HeadCount).Select(head => Enumerable.Range(0, KnobSpace.HeadSizes[head]).Select(value => $"{(Knob)head}={value}").ToArray())];

    private string? refusing;
    private bool killed;
    private (string Id, bool Changed)? awaitingOutcome;
    private PredictedEffect? predicted;

    /// <summary>The values that could not be chosen, as <c>Knob=value</c>.</summary>
    public static List<string> Masked(KnobMask mask)
    {
        var masked = new List<string>();
        for (int head = 0; head < KnobSpace.HeadCount; head++)
        {
            for (int value = 0; value < KnobSpace.HeadSizes[head]; value++)
            {
                if (!mask.Allows((Knob)head, value))
                    masked.Add(ValueNames[head][value]);
            }
        }

        return masked;
    }

    /// <summary>Says when the kill switch goes on or off.</summary>
    public void Kill(string? reason, string path, TunerMode mode)
    {
        if (reason is not null && !killed)
            Log.Killed(logger, reason, path);
        else if (reason is null && killed)
            Log.Armed(logger, mode);
        killed = reason is not null;
    }

    /// <summary>Says once, not every window, that and why nothing is decided; null when something is.</summary>
    public void Refusal(Refusal? refusal)
    {
        if (refusal is not null && refusal.Kind != refusing)
            Log.Refused(logger, refusal.Kind, refusal.Detail);
        refusing = refusal?.Kind;
    }

    /// <summary>Tells what followed the last decision.</summary>
    public void Outcome(DateTimeOffset at, WindowMetrics window)
    {
        if (awaitingOutcome is { } decision)
        {
            Written(() => audit.Write(new AuditOutcome(decision.Id, at, window, predicted)));
            if (predicted is { Attainment: var attainment } && window.Completed > 0)
                TunerTelemetry.PredictionError.Record((decision.Changed ? attainment.Changed : attainment.Held) - window.Attainment);
        }

        (awaitingOutcome, predicted) = (null, null);
    }

    /// <summary>Writes down what a decision was predicted to do; the outcome of the last one will stand beside it.</summary>
    public void Prediction(string id, DateTimeOffset at, PredictedEffect effect)
    {
        Written(() => audit.Write(new AuditPrediction(id, at, effect)));
        TunerTelemetry.PredictedGain.Record(effect.Attainment.Difference);
        if (awaitingOutcome?.Id == id)
            predicted = effect;
    }

    /// <summary>Ends a window.</summary>
    /// <param name="record">What happened.</param>
    /// <param name="windows">Windows so far.</param>
    /// <param name="now">What the engine runs with; null when that is not known.</param>
    /// <param name="kill">Why the kill switch is on; null while it is off.</param>
    /// <param name="policyProblem">What is wrong with the policy file.</param>
    public void Finish(AuditDecision record, long windows, KnobSettings? now, string? kill, string? policyProblem)
    {
        Written(() => audit.Write(record with { Applied = now }));
        awaitingOutcome = record.Choice is null ? null : (record.Id, record.Verdict == "changed");
        TunerTelemetry.Windows.Add(1, new("mode", record.Mode.ToString()), new("verdict", record.Verdict));
        TunerTelemetry.Known.Record(now is null ? 0 : 1);
        TunerTelemetry.Mode.Record((int)record.Mode);
        monitor.Status = new TunerStatus
        {
            Mode = record.Mode,
            Windows = windows,
            Settings = now,
            Recommended = record.Choice,
            Verdict = record.Verdict,
            Reason = record.Reason ?? "",
            Killed = kill,
            PolicyProblem = policyProblem,
            Timestamp = time.GetTimestamp(),
        };
    }

    private void Written(Action write)
    {
        try
        {
            write();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Log.NotWritten(logger, problem.Message);
        }
    }
}
