using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Tuner.Policy.Hosting;

/// <summary>What Tuner tells of itself: the meter and the activity source named <c>Tuner</c>. docs/serving.md explains each.</summary>
internal static class TunerTelemetry
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "Tuner";

    public static readonly ActivitySource Activities = new(Name);

    private static readonly Meter Meter = new(Name);

    public static readonly Counter<long> Windows = Meter.CreateCounter<long>("tuner.windows", "{window}", "Windows gone through, by mode and verdict.");
    public static readonly Counter<long> Changes = Meter.CreateCounter<long>("tuner.changes", "{change}", "Changes of settings begun, by reason and result.");
    public static readonly Counter<long> Refusals = Meter.CreateCounter<long>("tuner.refusals", "{window}", "Windows not decided on, by kind.");
    public static readonly Counter<long> RollBacks = Meter.CreateCounter<long>("tuner.rollbacks", "{change}", "Changes taken back because the objective broke.");
    public static readonly Counter<long> Kills = Meter.CreateCounter<long>("tuner.kills", "{trip}", "Times the kill switch tripped by itself.");
    public static readonly Counter<long> Reloads = Meter.CreateCounter<long>("tuner.policy.reloads", "{reload}", "Changed policy files met, by result.");
    public static readonly Histogram<double> DecisionTime = Meter.CreateHistogram<double>("tuner.decision.duration", "s", "Time the policy took for one decision.");
    public static readonly Histogram<double> ChangeTime = Meter.CreateHistogram<double>("tuner.change.duration", "s", "Time a change of settings took, reading back included.");
    public static readonly Counter<long> Predictions = Meter.CreateCounter<long>("tuner.whatif.predictions", "{prediction}", "Effects of proposed changes asked for, by result.");
    public static readonly Histogram<double> PredictionTime = Meter.CreateHistogram<double>("tuner.whatif.duration", "s", "Time a prediction took, beside the loop.");
    public static readonly Gauge<double> PredictedGain = Meter.CreateGauge<double>("tuner.whatif.attainment.gain", "1", "What the last proposed change was predicted to add to attainment.");
    public static readonly Gauge<double> PredictionError = Meter.CreateGauge<double>("tuner.whatif.attainment.error", "1", "Attainment as predicted less as it came, of the last window with a prediction.");
    public static readonly Gauge<double> TelemetryAge = Meter.CreateGauge<double>("tuner.telemetry.age", "s", "Age of the last window when it was read.");
    public static readonly Gauge<double> Distance = Meter.CreateGauge<double>("tuner.traffic.distance", "{deviation}", "How far the traffic lies from training.");
    public static readonly Gauge<int> Known = Meter.CreateGauge<int>("tuner.settings.known", "{boolean}", "1 while it is known what the engine runs with, else 0.");
    public static readonly Gauge<int> Mode = Meter.CreateGauge<int>("tuner.mode", "{mode}", "0 shadow, 1 advisory, 2 canary, 3 active.");
}
