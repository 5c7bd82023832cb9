using System.Diagnostics;
using Tuner.Policy.Files;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Hosting;

/// <summary>Decides with the newest good policy of a file, and remembers traffic across its replacement.</summary>
internal sealed class DecisionMaker(PolicyWatcher file, ServingContract contract)
{
    private readonly KnobSpace space = contract.Space();
    private readonly ObservationEncoder encoder = new(contract.Space(), contract.Objective, contract.QualityBudget);
    private PolicyFile? made;
    private TunerPolicy? policy;
    private IReadOnlyList<string>? untoldNames;
    private int[] untold = [];

    /// <summary>Which policy decides: scenario, kind and seed.</summary>
    public string Name => file.Current is { Manifest: var from } ? $"{from.Scenario} {from.Kind} seed {from.Seed}" : "none";

    /// <summary>The policy after its last decision.</summary>
    public TunerPolicy Policy => policy ?? throw new InvalidOperationException("Nothing has been decided yet.");

    /// <summary>Decides.</summary>
    /// <exception cref="ArgumentException">The source names a field that is none.</exception>
    public KnobSettings Decide(TelemetryReading reading, in WindowMetrics window, in KnobSettings current, in KnobMask mask)
    {
        if (!ReferenceEquals(made, file.Current) && file.Current is { } newer)
        {
            policy = new TunerPolicy(newer.Network, newer.Normalizer, encoder, space);
            made = newer;
        }

        if (!ReferenceEquals(untoldNames, reading.Untold))
        {
            untold = [.. reading.Untold.Select(IndexOf)];
            untoldNames = reading.Untold;
        }

        Policy.UntoldFields = untold;
        long started = Stopwatch.GetTimestamp();
        KnobSettings wanted = Policy.Decide(window, current, mask);
        TunerTelemetry.DecisionTime.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
        return wanted;
    }

    private static int IndexOf(string name)
    {
        for (int i = 0; i < ObservationSchema.FieldCount; i++)
        {
            if (ObservationSchema.FieldNames[i] == name)
                return i;
        }

        throw new ArgumentException($"Telemetry names an untold field {name}; observations have no such field.");
    }
}
