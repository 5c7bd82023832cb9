namespace Tuner.Kernels.Libraries;

/// <summary>A call to cuBLASLt failed.</summary>
/// <param name="call">The function.</param>
/// <param name="status">The cublasStatus_t it returned.</param>
public sealed class CublasLtException(string call, int status)
    : Exception($"{call} failed with {NameOf(status)} ({status}).")
{
    /// <summary>The cublasStatus_t.</summary>
    public int Status { get; } = status;

    /// <summary>cublasStatus_t of cublas_api.h.</summary>
    private static string NameOf(int status) => status switch
    {
        1 => "CUBLAS_STATUS_NOT_INITIALIZED",
        3 => "CUBLAS_STATUS_ALLOC_FAILED",
        7 => "CUBLAS_STATUS_INVALID_VALUE",
        8 => "CUBLAS_STATUS_ARCH_MISMATCH",
        11 => "CUBLAS_STATUS_MAPPING_ERROR",
        13 => "CUBLAS_STATUS_EXECUTION_FAILED",
        14 => "CUBLAS_STATUS_INTERNAL_ERROR",
        15 => "CUBLAS_STATUS_NOT_SUPPORTED",
        16 => "CUBLAS_STATUS_LICENSE_ERROR",
        _ => "an unknown status",
    };
}
