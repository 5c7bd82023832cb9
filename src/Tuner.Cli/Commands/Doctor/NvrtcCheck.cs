using Tuner.Kernels.Compilation;

namespace Tuner.Cli.Commands.Doctor;

/// <summary>Whether NVIDIA's run-time compiler is there. Kernels for Hopper come compiled; other GPUs, and other launches of a kernel, need it.</summary>
internal static class NvrtcCheck
{
    public static Finding Check()
        => KernelCompiler.IsThere
            ? new Finding("NVRTC", CheckOutcome.Ok, $"{KernelCompiler.Describe().TrimEnd('.')} compiles GPU kernels for the GPU at hand")
            : new Finding("NVRTC", CheckOutcome.Absent, $"{KernelCompiler.Describe()} GPU kernels run on Hopper (compute capability 9.0) alone, as compiled ahead of time; calibrating another GPU and choosing launches need it");
}
