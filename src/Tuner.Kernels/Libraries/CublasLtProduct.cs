using Tuner.Env.Costs;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Operations;
using static Tuner.Kernels.Libraries.CublasLtImports;

namespace Tuner.Kernels.Libraries;

/// <summary>A product of one shape by cuBLASLt: bf16 or FP8 (e4m3) operands, 32-bit sums, bf16 result.</summary>
/// <remarks>
/// The library's matrices are column after column. y[rows, outputs] row after row is yᵀ = w · xᵀ column after column, with w transposed: the
/// TN layout, the only one FP8 has before Blackwell. FP8 sums are the library's exact ones: its faster, less exact accumulation stays off.
/// </remarks>
public sealed unsafe class CublasLtProduct : IDisposable
{
    /// <summary>cublasComputeType_t, cudaDataType_t and attributes of cublasLt.h and library_types.h.</summary>
    private const int Compute32F = 68;
    private const int Real32F = 0;
    private const int Real16Bf = 14;
    private const int Real8E4m3 = 28;
    private const int TransposeA = 3;
    private const int ScalePointerA = 17;
    private const int ScalePointerB = 18;
    private const int MostWorkspaceBytes = 1;
    private const int Transposed = 1;

    /// <summary>CUBLAS_STATUS_NOT_SUPPORTED: no algorithm for the shape, an answer like any other.</summary>
    private const int NotSupported = 15;

    private readonly CublasLt library;
    private readonly nint description;
    private readonly nint weights;
    private readonly nint activations;
    private readonly nint result;
    private CublasLtHeuristic algorithm;

    private CublasLtProduct(CublasLt library, ProductShape shape, KernelPrecision precision)
    {
        this.library = library;
        int operand = precision switch
        {
            KernelPrecision.Bf16 => Real16Bf,
            KernelPrecision.Fp8 => Real8E4m3,
            _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "Expected bf16 or FP8."),
        };
        try
        {
            CublasLt.Require(cublasLtMatmulDescCreate(out description, Compute32F, Real32F));
            Describe(TransposeA, Transposed);
            if (precision == KernelPrecision.Fp8)
            {
                Describe(ScalePointerA, library.Scales.Value);
                Describe(ScalePointerB, library.Scales.Value + sizeof(float));
            }

            (ulong rows, ulong outputs, ulong inputs) = ((ulong)shape.Rows, (ulong)shape.Outputs, (ulong)shape.Inputs);
            CublasLt.Require(cublasLtMatrixLayoutCreate(out weights, operand, inputs, outputs, shape.Inputs));
            CublasLt.Require(cublasLtMatrixLayoutCreate(out activations, operand, inputs, rows, shape.Inputs));
            CublasLt.Require(cublasLtMatrixLayoutCreate(out result, Real16Bf, outputs, rows, shape.Outputs));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Waves of blocks the algorithm takes, by the library's own estimate.</summary>
    public float Waves => algorithm.Waves;

    internal static CublasLtProduct? TryPlan(CublasLt library, ProductShape shape, KernelPrecision precision)
    {
        using CudaScope scope = library.Device.Enter();
        var product = new CublasLtProduct(library, shape, precision);
        try
        {
            if (product.Choose())
                return product;
            product.Dispose();
            return null;
        }
        catch
        {
            product.Dispose();
            throw;
        }
    }

    /// <summary>Puts the product into a stream; one stream at a time, for the workspace is shared.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="x">[rows, inputs], bf16 or e4m3.</param>
    /// <param name="w">[outputs, inputs], likewise.</param>
    /// <param name="y">Receives [rows, outputs], bf16.</param>
    /// <exception cref="CublasLtException">The library refuses.</exception>
    public void Launch(CudaStream stream, KernelArgument x, KernelArgument w, CudaMemory y)
    {
        (float one, float zero) = (1, 0);
        using CudaScope scope = library.Device.Enter();
        fixed (CublasLtHeuristic* chosen = &algorithm)
        {
            CublasLt.Require(cublasLtMatmul(
                library.Handle, description, &one, w.Address, weights, x.Address, activations, &zero, y.Value, result, y.Value, result, &chosen->Opaque, library.Workspace.Value, (nuint)library.Workspace.Bytes, stream.Value));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (nint layout in (ReadOnlySpan<nint>)[weights, activations, result])
        {
            if (layout != 0)
                _ = cublasLtMatrixLayoutDestroy(layout);
        }

        if (description != 0)
            _ = cublasLtMatmulDescDestroy(description);
    }

    /// <summary>Asks the heuristics; false where they know no algorithm.</summary>
    private bool Choose()
    {
        CublasLt.Require(cublasLtMatmulPreferenceCreate(out nint preference));
        try
        {
            ulong workspace = (ulong)library.Workspace.Bytes;
            CublasLt.Require(cublasLtMatmulPreferenceSetAttribute(preference, MostWorkspaceBytes, &workspace, sizeof(ulong)));
            CublasLtHeuristic first = default;
            int status = cublasLtMatmulAlgoGetHeuristic(library.Handle, description, weights, activations, result, result, preference, 1, &first, out int found);
            if (status == NotSupported || (status == 0 && (found == 0 || first.State != 0)))
                return false;
            if (status != 0)
                throw new CublasLtException(nameof(cublasLtMatmulAlgoGetHeuristic), status);
            algorithm = first;
            return true;
        }
        finally
        {
            _ = cublasLtMatmulPreferenceDestroy(preference);
        }
    }

    private void Describe<T>(int attribute, T value)
        where T : unmanaged
        => CublasLt.Require(cublasLtMatmulDescSetAttribute(description, attribute, &value, (nuint)sizeof(T)));
}
