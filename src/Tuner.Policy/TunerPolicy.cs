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

    /// <summary>Fields the engine cannot tell, by index: they count as their training mean. Empty by default.</summary>
    public IReadOnlyList<int> UntoldFields { get; set; } = [];

    /// <summary>The normalised observation of the last decision, <see cref="ObservationSchema.FieldCount"/> values.</summary>
    public ReadOnlySpan<float> Observation => observation;

    /// <summary>The action of the last decision, one value a head.</summary>
    public ReadOnlySpan<int> Action => action;

    /// <summary>Probability of the last decision's action under the network and its mask, 0 to 1; of holding still on unseen traffic.</summary>
    public double Probability => Math.Exp(MaskedChoice.LogProbability(logits, KnobSpace.HeadSizes, allowed, action));

    /// <inheritdoc/>
    public void Reset() => encoder.Reset();

    /// <summary>How far the last window's traffic lay from training, in standard deviations of the farthest field, and which that was.</summary>
    /// <remarks>Never more than the normaliser's clip.</remarks>
    public (float Deviations, string Field) Distance()
    {
        (float far, int at) = (0, ObservationSchema.TrafficFields[0]);
        foreach (int field in ObservationSchema.TrafficFields)
        {
            if (Math.Abs(observation[field]) > far)
                (far, at) = (Math.Abs(observation[field]), field);
        }

        return (far, ObservationSchema.FieldNames[at]);
    }

    /// <inheritdoc/>
    public KnobSettings Decide(in WindowMetrics window, in KnobSettings current, in KnobMask mask)
    {
        encoder.Encode(window, current, observation);
        normalizer.Apply(observation, observation);
        for (int i = 0; i < UntoldFields.Count; i++)
            observation[UntoldFields[i]] = 0;
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
    private bool IsUnseen() => Distance().Deviations > SeenWithin;
}
