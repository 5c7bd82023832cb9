namespace Tuner.Kernels.Calibration.Samples;

/// <summary>Where a copy starts and ends.</summary>
public enum CopyPath
{
    /// <summary>Within a device's memory.</summary>
    DeviceToDevice,

    /// <summary>From host memory to the device.</summary>
    HostToDevice,

    /// <summary>From the device to host memory.</summary>
    DeviceToHost,
}
