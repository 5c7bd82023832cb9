using System.Runtime.InteropServices;
using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Compilation;

/// <summary>Imports from NVIDIA's run-time compiler; an nvrtcResult is an <see cref="int"/>, 0 on success.</summary>
/// <remarks>NVRTC user guide (docs.nvidia.com/cuda/nvrtc), nvrtc.h.</remarks>
internal static unsafe partial class NvrtcImports
{
    static NvrtcImports() => NativeLibraries.Register();

    [LibraryImport(NvrtcLibrary.Name)]
    public static partial int nvrtcVersion(out int major, out int minor);

    [LibraryImport(NvrtcLibrary.Name)]
    public static partial int nvrtcGetNumSupportedArchs(out int count);

    [LibraryImport(NvrtcLibrary.Name)]
    public static partial int nvrtcGetSupportedArchs(int* architectures);

    [LibraryImport(NvrtcLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int nvrtcCreateProgram(out nint program, string source, string name, int headers, string[] headerSources, string[] headerNames);

    [LibraryImport(NvrtcLibrary.Name)]
    public static partial int nvrtcDestroyProgram(ref nint program);

    [LibraryImport(NvrtcLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int nvrtcCompileProgram(nint program, int options, string[] values);

    [LibraryImport(NvrtcLibrary.Name)]
    public static partial int nvrtcGetProgramLogSize(nint program, out nuint bytes);

    [LibraryImport(NvrtcLibrary.Name)]
    public static partial int nvrtcGetProgramLog(nint program, byte* log);

    [LibraryImport(NvrtcLibrary.Name)]
    public static partial int nvrtcGetPTXSize(nint program, out nuint bytes);

    [LibraryImport(NvrtcLibrary.Name)]
    public static partial int nvrtcGetPTX(nint program, byte* ptx);

    [LibraryImport(NvrtcLibrary.Name)]
    public static partial int nvrtcGetCUBINSize(nint program, out nuint bytes);

    [LibraryImport(NvrtcLibrary.Name)]
    public static partial int nvrtcGetCUBIN(nint program, byte* cubin);
}
