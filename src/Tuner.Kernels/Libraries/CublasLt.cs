using System.Globalization;
using System.Runtime.CompilerServices;
using Tuner.Env.Costs;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Operations;
using static Tuner.Kernels.Libraries.CublasLtImports;

namespace Tuner.Kernels.Libraries;

/// <summary>cuBLASLt on one GPU, where the machine has it: the products engines call. Optional; never a reference for anything.</summary>
public sealed class CublasLt : IDisposable
{
    /// <summary>Workspace of a product: what NVIDIA recommends for Hopper, enough for every GPU before it (cuBLAS user guide, cublasSetWorkspace).</summary>
    private const long WorkspaceSize = 32L << 20;

    private readonly nint handle;

    private CublasLt(CudaDevice device, nint handle)
    {
        (Device, this.handle) = (device, handle);
        Workspace = device.Allocate(WorkspaceSize);

        // Scales of FP8 operands lie in the GPU's memory; both are 1 until somebody sets them.
        Scales = device.Allocate(2 * sizeof(float));
        Scales.Write<float>([1, 1]);
    }

    /// <summary>Formats it multiplies here.</summary>
    public static IReadOnlyList<KernelPrecision> Precisions { get; } = [KernelPrecision.Bf16, KernelPrecision.Fp8];

    /// <summary>Its version, such as <c>cuBLASLt 12.4.5</c>.</summary>
    public string Version { get; } = VersionText();

    internal CudaDevice Device { get; }

    internal nint Handle => handle;

    internal CudaMemory Workspace { get; }

    /// <summary>What weights, then activations, were divided by; both are read by FP8 products alone.</summary>
    internal CudaMemory Scales { get; }

    /// <summary>Opens the library for a GPU. Never throws for want of it.</summary>
    /// <param name="device">The GPU.</param>
    /// <param name="library">The library; null where there is none of use.</param>
    /// <returns>What was found, or why there is none, in a sentence.</returns>
    public static string Open(CudaDevice device, out CublasLt? library)
    {
        library = null;
        if (CublasLtLibrary.Handle == 0)
            return $"No cuBLASLt: none of {string.Join(", ", CublasLtLibrary.Candidates)} loads; its products are not timed.";
        try
        {
            using CudaScope scope = device.Enter();
            Require(cublasLtCreate(out nint handle));
            library = new CublasLt(device, handle);
            return $"{library.Version}.";
        }
        catch (Exception wrong) when (wrong is CublasLtException or EntryPointNotFoundException)
        {
            return $"A cuBLASLt is there, but of no use: {wrong.Message.TrimEnd('.')}; its products are not timed.";
        }
    }

    /// <summary>Prepares products of a shape by the algorithm the library's heuristics put first.</summary>
    /// <returns>Null where the library has none for the shape.</returns>
    /// <exception cref="CublasLtException">The library refuses for another reason.</exception>
    public CublasLtProduct? Plan(ProductShape shape, KernelPrecision precision) => CublasLtProduct.TryPlan(this, shape, precision);

    /// <summary>Sets what FP8 weights and activations were divided by, for all products launched from now on. Waits until it is so.</summary>
    public void Scale(float weights, float activations) => Scales.Write<float>([weights, activations]);

    /// <inheritdoc/>
    public void Dispose()
    {
        using (CudaScope scope = Device.Enter())
            _ = cublasLtDestroy(handle);
        Workspace.Dispose();
        Scales.Dispose();
    }

    internal static void Require(int status, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status != 0)
            throw new CublasLtException(call[..call.IndexOf('(', StringComparison.Ordinal)], status);
    }

    /// <summary>cublasLtGetVersion: 120405 is 12.4.5; before 12 (11.x wrote 110xxx) nothing is loaded.</summary>
    private static string VersionText()
    {
        int version = (int)cublasLtGetVersion();
        return string.Create(CultureInfo.InvariantCulture, $"cuBLASLt {version / 10_000}.{version / 100 % 100}.{version % 100}");
    }
}
