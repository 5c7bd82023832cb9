using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands.Training;

/// <summary>What a network is taught and trained in.</summary>
/// <param name="Name">For progress and tables.</param>
/// <param name="Folder">Where its files go.</param>
/// <param name="Candidates">What its teacher tries.</param>
internal sealed record Course(string Name, string Folder, IReadOnlyList<KnobSettings> Candidates)
{
    /// <summary>Where the course is gone on from.</summary>
    public string CheckpointPath => Path.Combine(Folder, "checkpoint.bin");

    /// <summary>How training went, an update a row.</summary>
    public string CurvePath => Path.Combine(Folder, "training.csv");
}
