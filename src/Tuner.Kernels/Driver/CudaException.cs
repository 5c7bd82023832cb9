namespace Tuner.Kernels.Driver;

/// <summary>A call to the CUDA driver failed.</summary>
/// <param name="call">The driver function, such as <c>cuMemAlloc_v2</c>.</param>
/// <param name="status">The CUresult it returned.</param>
/// <param name="name">The driver's name for it, such as <c>CUDA_ERROR_OUT_OF_MEMORY</c>.</param>
/// <param name="details">What else the driver said, such as the PTX compiler's log; empty when nothing.</param>
public sealed class CudaException(string call, int status, string name, string details = "")
    : Exception($"{call} failed with {name} ({status}){(details.Length == 0 ? "" : $": {details}")}.")
{
    /// <summary>The driver function that failed.</summary>
    public string Call { get; } = call;

    /// <summary>The CUresult it returned.</summary>
    public int Status { get; } = status;

    /// <summary>The driver's name for the result.</summary>
    public string ErrorName { get; } = name;
}
