namespace Tuner.Kernels.Calibration;

/// <summary>Measurements cannot be read or fitted; the message says where, what was found and what was expected.</summary>
public sealed class CalibrationException : Exception
{
    /// <summary>Creates one without a message.</summary>
    public CalibrationException()
    {
    }

    /// <summary>Creates one.</summary>
    public CalibrationException(string message)
        : base(message)
    {
    }

    /// <summary>Creates one with its cause.</summary>
    public CalibrationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
