using Tuner.Kernels.Driver;

namespace Tuner.StandIn.Tests;

internal static class Devices
{
    /// <summary>Opens the stand-in's device through the chosen binding.</summary>
    public static CudaDevice Open() => Open(CudaBindings.Chosen);

    /// <summary>Opens the stand-in's device through a binding.</summary>
    public static CudaDevice Open(ICudaApi binding)
    {
        (CudaDriver? driver, string description) = CudaDriver.Look(binding);
        Assert.That(driver, Is.Not.Null, description);
        return driver!.Open(0);
    }
}
