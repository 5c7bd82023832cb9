using Tuner.Agent.Networks;
using Tuner.Agent.Ppo;
using Tuner.Policy.Inference;
using Tuner.Policy.Observations;

namespace Tuner.Agent.Imitation;

/// <summary>A policy learned from a teacher: where PPO begins, and what it is held near.</summary>
/// <remarks>Its normaliser stays as it is while PPO goes on: a moving one would change what the clone has learned to read.</remarks>
public sealed class Apprentice
{
    private readonly ParameterLayout layout;

    internal Apprentice(ParameterLayout layout, float[] parameters, ObservationNormalizer normalizer)
    {
        this.layout = layout;
        Parameters = parameters;
        Normalizer = normalizer;
    }

    /// <summary>What comes before the network.</summary>
    public ObservationNormalizer Normalizer { get; }

    /// <summary>The actor as production runs it.</summary>
    public PolicyNetwork Network => layout.Actor(Parameters);

    /// <summary>Actor and critic; the critic has learned nothing yet.</summary>
    internal float[] Parameters { get; }

    internal static ParameterLayout LayoutFor(PpoOptions options, int observations, int logits) => new(observations, options.HiddenLayers, logits);
}
