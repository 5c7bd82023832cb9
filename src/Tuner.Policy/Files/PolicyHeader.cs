namespace Tuner.Policy.Files;

/// <summary>The readable part of a policy file.</summary>
internal sealed record PolicyHeader
{
    public int SchemaVersion { get; init; }

    public string[] Fields { get; init; } = [];

    public int[] HeadSizes { get; init; } = [];

    /// <summary>Inputs and outputs of each layer, first to last.</summary>
    public int[][] Layers { get; init; } = [];

    public float[] Mean { get; init; } = [];

    public float[] Variance { get; init; } = [];

    /// <summary>Null stands for no clip: JSON has no infinity.</summary>
    public float? Clip { get; init; }

    public PolicyManifest Manifest { get; init; } = new();
}
