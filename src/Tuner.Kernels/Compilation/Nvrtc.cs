using System.Diagnostics.CodeAnalysis;

namespace Tuner.Kernels.Compilation;

/// <summary>The run-time compiler this build was made to use, where the machine has one.</summary>
internal static class Nvrtc
{
    /// <summary>Looks for a compiler. Never throws for want of one.</summary>
    public static bool TryOpen([NotNullWhen(true)] out INvrtc? compiler)
#if MANAGED_CUDA
        => Managed.ManagedNvrtcBinding.TryOpen(out compiler);
#else
        => NvrtcBinding.TryOpen(out compiler);
#endif

    /// <summary>What was looked for and found, in a sentence.</summary>
    public static string Describe() => NvrtcBinding.Describe();
}
