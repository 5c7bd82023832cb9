using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands.Training;

/// <summary>What a network is taught and trained in.</summary>
/// <param name="Name">For progress and tables.</param>
/// <param name="Folder">Where its files go.</param>
/// <param name="Candidates">What its teacher tries.</param>
internal sealed record Course(string Name, string Folder, IReadOnlyList<KnobSettings> Candidates)
{
    /// <summary>Where the course is gone on from.</summary>
    public string CheckpointPath => CheckpointIn(Folder);

    /// <summary>How training went, an update a row.</summary>
    public string CurvePath => Path.Combine(Folder, "training.csv");

    /// <summary>Where the course that keeps its files in a folder is gone on from.</summary>
    public static string CheckpointIn(string folder) => Path.Combine(folder, "checkpoint.bin");
}
