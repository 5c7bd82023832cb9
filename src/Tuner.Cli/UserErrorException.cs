namespace Tuner.Cli;

/// <summary>Something the user gave cannot be used. The message is the one sentence they see.</summary>
internal sealed class UserErrorException(string message) : Exception(message);
