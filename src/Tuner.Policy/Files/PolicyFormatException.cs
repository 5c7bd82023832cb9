namespace Tuner.Policy.Files;

/// <summary>A file is not a policy this build can run; the message says why in one sentence.</summary>
public sealed class PolicyFormatException : Exception
{
    /// <summary>Creates the exception.</summary>
    public PolicyFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with what led to it.</summary>
    public PolicyFormatException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
