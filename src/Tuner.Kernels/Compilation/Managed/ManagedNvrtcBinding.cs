using System.Diagnostics.CodeAnalysis;
using ManagedCuda.NVRTC;

namespace Tuner.Kernels.Compilation.Managed;

/// <summary>NVIDIA's run-time compiler through the ManagedCuda-NVRTC package.</summary>
internal sealed class ManagedNvrtcBinding : INvrtc
{
    private static readonly Lazy<INvrtc?> Found = new(Look);

    private ManagedNvrtcBinding(int version, int[] architectures) => (Version, Architectures) = (version, architectures);

    public int Version { get; }

    public IReadOnlyList<int> Architectures { get; }

    public static bool TryOpen([NotNullWhen(true)] out INvrtc? compiler)
    {
        compiler = Found.Value;
        return compiler is not null;
    }

    public byte[] Compile(string name, string source, IReadOnlyDictionary<string, string> headers, string[] options, bool cubin)
    {
        using var compiler = new CudaRuntimeCompiler(source, name, [.. headers.Values], [.. headers.Keys]);
        try
        {
            compiler.Compile(options);
        }
        catch (NVRTCException wrong)
        {
            throw new KernelException($"{name} does not compile with {string.Join(' ', options)}: {wrong.Message} {compiler.GetLogAsString().ReplaceLineEndings("; ")}");
        }

        if (cubin)
            return compiler.GetCubin();
        byte[] ptx = compiler.GetPTX();
        return ptx.Length > 0 && ptx[^1] == 0 ? ptx[..^1] : ptx;
    }

    private static ManagedNvrtcBinding? Look()
    {
        try
        {
            int major = 0, minor = 0, count = 0;
            if (NVRTCNativeMethods.nvrtcVersion(ref major, ref minor) != nvrtcResult.Success || NVRTCNativeMethods.nvrtcGetNumSupportedArchs(ref count) != nvrtcResult.Success)
                return null;
            var architectures = new int[count];
            return NVRTCNativeMethods.nvrtcGetSupportedArchs(architectures) == nvrtcResult.Success ? new ManagedNvrtcBinding((1000 * major) + (10 * minor), architectures) : null;
        }
        catch (DllNotFoundException)
        {
            return null;
        }
    }
}
