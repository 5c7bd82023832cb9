namespace Tuner.Cli.Commands.Doctor;

/// <summary>How a check went.</summary>
internal enum CheckOutcome
{
    /// <summary>It is there.</summary>
    Ok,

    /// <summary>It is not there, and Tuner works without it.</summary>
    Absent,

    /// <summary>It is needed and not there.</summary>
    Missing,
}
