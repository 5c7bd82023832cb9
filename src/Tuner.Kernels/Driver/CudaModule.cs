using System.Text;

namespace Tuner.Kernels.Driver;

/// <summary>Kernels loaded onto a GPU.</summary>
public sealed class CudaModule : CudaObject
{
    /// <summary>CU_JIT_ERROR_LOG_BUFFER and CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES of cuda.h.</summary>
    private const int ErrorLogBuffer = 5;
    private const int ErrorLogBufferBytes = 6;

    private const int LogBytes = 4096;

    internal unsafe CudaModule(CudaContext context, ReadOnlySpan<byte> image)
        : base(context)
    {
        // PTX is text and must end in a zero; a copy with one more byte is right for both kinds.
        byte[] terminated = [.. image, 0];
        byte[] log = new byte[LogBytes];
        using CudaScope scope = context.Enter();
        fixed (byte* bytes = terminated, buffer = log)
        {
            int* names = stackalloc int[] { ErrorLogBuffer, ErrorLogBufferBytes };
            void** values = stackalloc void*[] { buffer, (void*)LogBytes };
            int status = Context.Api.cuModuleLoadDataEx(out nint module, bytes, 2, names, values);
            if (status != CudaResult.Success)
                throw new CudaException(nameof(ICudaApi.cuModuleLoadDataEx), status, Context.Api.NameOf(status), Encoding.UTF8.GetString(log).TrimEnd('\0', '\n', ' '));
            Own(module);
        }
    }

    /// <summary>Looks a kernel up.</summary>
    /// <param name="name">Its name in the image; C++ names are mangled unless declared <c>extern "C"</c>.</param>
    /// <exception cref="CudaException">There is none of that name.</exception>
    public CudaFunction Function(string name)
    {
        using CudaScope scope = Context.Enter();
        Context.Api.Check(Context.Api.cuModuleGetFunction(out nint function, Value, name));
        return new CudaFunction(this, Context, function);
    }

    private protected override int Free(nint value) => Context.Api.cuModuleUnload(value);
}
