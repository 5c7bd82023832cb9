namespace Tuner.Engines.CommandLines;

/// <summary>What starts an engine with one setting.</summary>
/// <param name="Arguments">The arguments, without the executable.</param>
/// <param name="ConfigFlag">The flag that takes a configuration file; null where there is none.</param>
/// <param name="ConfigText">What that file holds.</param>
public sealed record EngineCommandLine(IReadOnlyList<string> Arguments, string? ConfigFlag = null, string? ConfigText = null)
{
    /// <summary>Whether two start the same engine.</summary>
    public bool Same(EngineCommandLine other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Arguments.SequenceEqual(other.Arguments) && ConfigText == other.ConfigText;
    }
}
