namespace Tuner.Env.Scenarios;

/// <summary>A scenario that cannot be used. The message names the file and everything wrong with it.</summary>
/// <param name="message">What was found and what was expected.</param>
/// <param name="inner">What went wrong underneath, if anything did.</param>
public sealed class ScenarioFormatException(string message, Exception? inner = null) : Exception(message, inner);
