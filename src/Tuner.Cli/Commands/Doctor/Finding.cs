namespace Tuner.Cli.Commands.Doctor;

/// <summary>What a check found.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Outcome">How it went.</param>
/// <param name="Found">What is there.</param>
/// <param name="Remedy">What to do about it; null when nothing is to be done.</param>
internal sealed record Finding(string Name, CheckOutcome Outcome, string Found, string? Remedy = null);
