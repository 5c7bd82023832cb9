using Tuner.Agent.Imitation;
using Tuner.Agent.Training;
using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;

namespace Tuner.Cli.Commands.Training;

/// <summary>What a course made of its network.</summary>
/// <param name="Apprentice">What the lessons made.</param>
/// <param name="Network">What PPO made of that.</param>
/// <param name="Normalizer">What comes before it.</param>
/// <param name="Steps">Windows trained on.</param>
/// <param name="Interrupted">Whether that is fewer than asked for.</param>
/// <param name="History">Every update.</param>
internal sealed record CourseOutcome(Apprentice? Apprentice, PolicyNetwork Network, ObservationNormalizer Normalizer, long Steps, bool Interrupted, IReadOnlyList<TrainingProgress> History)
{
    /// <summary>Both as candidates that begin with certain settings, the safer first.</summary>
    /// <param name="where">What tells them from those of another course or start.</param>
    /// <param name="start">The settings.</param>
    public IEnumerable<Candidate> Candidates(string where, KnobSettings start)
    {
        if (Apprentice is not null)
            yield return new Candidate("cloned", $"cloned {where}", Apprentice.Network, Apprentice.Normalizer, start, this);
        yield return new Candidate("tuned", $"tuned {where}", Network, Normalizer, start, this);
    }
}
