using Tuner.Env.Baselines;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;
using Tuner.Policy.Telemetry;

namespace Tuner.Agent.Imitation;

/// <summary>Lets one policy drive and writes down, at every window, what a teacher would have done.</summary>
/// <param name="driver">Who decides; null for the teacher.</param>
/// <param name="teacher">The teacher.</param>
/// <param name="plentyWindows">How much quality must be saved before the teacher begins to spend, in windows' worth of budget.</param>
/// <param name="space">The scenario's knobs.</param>
/// <param name="encoder">An encoder of its own.</param>
internal sealed class RecordingPolicy(ITuningPolicy? driver, ContextTeacher teacher, double plentyWindows, KnobSpace space, ObservationEncoder encoder) : ITuningPolicy
{
    /// <summary>Once the teacher spends it goes on down to this share of plenty, so that it does not switch at every window.</summary>
    private const double KeepsSpendingDownTo = 0.25;

    private readonly float[] observation = new float[ObservationSchema.FieldCount];
    private readonly bool[] allowed = new bool[KnobSpace.LogitCount];
    private readonly int[] action = new int[KnobSpace.HeadCount];
    private readonly int[] hold = new int[KnobSpace.HeadCount];

    private bool spending;

    public string Name => "recording";

    public Demonstrations Seen { get; } = new(KnobSpace.HeadSizes.ToArray());

    public void Reset()
    {
        spending = false;
        encoder.Reset();
        driver?.Reset();
    }

    public KnobSettings Decide(in WindowMetrics window, in KnobSettings current, in KnobMask mask)
    {
        encoder.Encode(window, current, observation);
        mask.WriteTo(allowed);
        spending = window.QualityBalance >= (spending ? KeepsSpendingDownTo : 1) * plentyWindows;
        KnobSpace.ActionTowards(current, teacher.Want(current, spending), action);
        KnobSpace.ActionTowards(current, current, hold);
        int offset = 0;
        for (int head = 0; head < action.Length; head++)
        {
            // What may not be done now is left as it is; what may not stay goes to the first value that may be.
            ReadOnlySpan<bool> own = allowed.AsSpan(offset, KnobSpace.HeadSizes[head]);
            if (!own[action[head]])
                action[head] = own[hold[head]] ? hold[head] : own.IndexOf(true);
            offset += own.Length;
        }

        Seen.Add(observation, allowed, action, teacher.Weight);
        return driver is null ? space.Apply(current, action) : driver.Decide(window, current, mask);
    }
}
