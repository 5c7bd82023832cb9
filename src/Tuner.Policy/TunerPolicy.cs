using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy;

/// <summary>A trained policy: encodes the window, runs its network, takes the likeliest allowed action. Holds still on traffic unlike any it was trained on.</summary>
/// <param name="network">Maps a normalised observation to logits.</param>
/// <param name="normalizer">The observation statistics of training.</param>
/// <param name="encoder">Encodes windows of the scenario it serves.</param>
/// <param name="space">The scenario's knobs.</param>
public sealed class TunerPolicy(PolicyNetwork network, ObservationNormalizer normalizer, ObservationEncoder encoder, KnobSpace space) : ITuningPolicy
{
    /// <summary>A field further than this many deviations from its training mean is called unseen.</summary>
    public const float SeenWithin = 3;

    private readonly float[] observation = new float[ObservationSchema.FieldCount];
    private readonly float[] logits = new float[KnobSpace.LogitCount];
    private readonly bool[] allowed = new bool[KnobSpace.LogitCount];
    private readonly int[] action = new int[KnobSpace.HeadCount];

    /// <inheritdoc/>
    public string Name => "tuner";

    /// <inheritdoc/>
    public void Reset() => encoder.Reset();

    /// <inheritdoc/>
    public KnobSettings Decide(in WindowMetrics window, in KnobSettings current, in KnobMask mask)
    {
        encoder.Encode(window, current, observation);
        normalizer.Apply(observation, observation);
        mask.WriteTo(allowed);
        if (window.Arrived > 0 && IsUnseen())
            PreferStaying(current);
        else
            network.Forward(observation, logits);
        MaskedChoice.Greedy(logits, KnobSpace.HeadSizes, allowed, action);
        return space.Apply(current, action);
    }

    /// <summary>Logits that keep what is, and leave it only where the mask says so: holding still does not overdraw a quality budget.</summary>
    private void PreferStaying(in KnobSettings current)
    {
        KnobSpace.ActionTowards(current, current, action);
        Array.Clear(logits);
        int offset = 0;
        for (int head = 0; head < action.Length; head++)
        {
            logits[offset + action[head]] = 1;
            offset += KnobSpace.HeadSizes[head];
        }
    }

    /// <summary>
    /// Whether the traffic lies outside what training saw: a network extrapolates there, and holding still does no harm that
    /// was not there before.
    /// </summary>
    private bool IsUnseen()
    {
        foreach (int field in ObservationSchema.TrafficFields)
        {
            if (Math.Abs(observation[field]) > SeenWithin)
                return true;
        }

        return false;
    }
}
