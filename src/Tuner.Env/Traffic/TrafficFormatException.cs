namespace Tuner.Env.Traffic;

/// <summary>A trace that cannot be read. The message says where, what was found and what was expected.</summary>
/// <param name="message">One sentence, beginning with <c>file:line:</c> where there is a line.</param>
/// <param name="inner">What went wrong underneath, if anything did.</param>
public sealed class TrafficFormatException(string message, Exception? inner = null) : Exception(message, inner);
