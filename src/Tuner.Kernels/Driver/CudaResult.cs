using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tuner.Kernels.Driver;

/// <summary>Turns a CUresult that is not success into an exception that names the call.</summary>
internal static class CudaResult
{
    public const int Success = 0;

    /// <summary>CUDA_ERROR_OUT_OF_MEMORY of cuda.h.</summary>
    public const int OutOfMemory = 2;

    /// <summary>Throws unless a call succeeded.</summary>
    /// <param name="api">The binding called.</param>
    /// <param name="status">The CUresult.</param>
    /// <param name="call">The call as written, which the compiler fills in; its name goes into the message.</param>
    /// <exception cref="CudaException">The call did not succeed.</exception>
    public static void Check(this ICudaApi api, int status, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status == Success)
            return;
        string name = call[..Math.Max(0, call.IndexOf('(', StringComparison.Ordinal))];
        throw new CudaException(name[(name.LastIndexOf('.') + 1)..], status, NameOf(api, status));
    }

    /// <summary>The driver's name for a result.</summary>
    public static unsafe string NameOf(this ICudaApi api, int status)
        => api.cuGetErrorName(status, out byte* name) == Success && name is not null ? Marshal.PtrToStringUTF8((nint)name)! : "an unknown error";
}
