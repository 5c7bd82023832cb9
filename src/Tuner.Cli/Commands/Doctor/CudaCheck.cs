using Tuner.Kernels.Driver;

namespace Tuner.Cli.Commands.Doctor;

/// <summary>Whether an NVIDIA driver and a GPU are there. Only calibration and training on a GPU need them.</summary>
internal static class CudaCheck
{
    public static Finding Check()
        => CudaDriver.TryOpen(out _)
            ? new Finding("CUDA", CheckOutcome.Ok, CudaDriver.Describe())
            : new Finding("CUDA", CheckOutcome.Absent, $"{CudaDriver.Describe()} Training runs on the CPU, which is enough for the shipped scenarios");
}
