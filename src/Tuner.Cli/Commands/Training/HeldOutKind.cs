namespace Tuner.Cli.Commands.Training;

/// <summary>How held-out traffic relates to what was trained on.</summary>
internal enum HeldOutKind
{
    /// <summary>Of the user's traffic.</summary>
    Own,

    /// <summary>Of a kind that was mixed in.</summary>
    Mixed,

    /// <summary>Of a kind training never met.</summary>
    Strange,
}
