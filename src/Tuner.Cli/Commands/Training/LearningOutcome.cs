using Tuner.Agent.Imitation;
using Tuner.Agent.Training;
using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;

namespace Tuner.Cli.Commands.Training;

/// <summary>What lessons and PPO made of a network.</summary>
/// <param name="Apprentice">What the lessons made.</param>
/// <param name="Network">What PPO made of that.</param>
/// <param name="Normalizer">What comes before it.</param>
/// <param name="Steps">Windows trained on.</param>
/// <param name="Interrupted">Whether that is fewer than asked for.</param>
/// <param name="History">Every update.</param>
internal sealed record LearningOutcome(Apprentice? Apprentice, PolicyNetwork Network, ObservationNormalizer Normalizer, long Steps, bool Interrupted, IReadOnlyList<TrainingProgress> History)
{
    /// <summary>Both as candidates that begin with certain settings, the safer first.</summary>
    /// <param name="start">The settings.</param>
    public IEnumerable<Candidate> Candidates(KnobSettings start)
    {
        string layout = start.Parallelism.ToString().ToLowerInvariant();
        if (Apprentice is not null)
            yield return new Candidate("cloned", $"cloned from {layout}", Apprentice.Network, Apprentice.Normalizer, start);
        yield return new Candidate("tuned", $"tuned from {layout}", Network, Normalizer, start);
    }
}
