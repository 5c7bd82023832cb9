namespace Tuner.Kernels.Driver;

/// <summary>The bindings to the CUDA driver this build has; <c>-p:CudaBinding=</c> chooses the one in use.</summary>
internal static class CudaBindings
{
    /// <summary>All of them: the default one is always there, so that the same tests run over each.</summary>
    public static IReadOnlyList<ICudaApi> All { get; } =
    [
#if MANAGED_CUDA
        new Managed.ManagedCudaBinding(),
#endif
        new DriverBinding(),
    ];

    /// <summary>The one chosen at build time.</summary>
    public static ICudaApi Chosen => All[0];
}
