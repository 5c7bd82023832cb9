using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using static Tuner.Kernels.Compilation.NvrtcImports;

namespace Tuner.Kernels.Compilation;

/// <summary>NVIDIA's run-time compiler through thin imports of its library.</summary>
internal sealed class NvrtcBinding : INvrtc
{
    private static readonly Lazy<(INvrtc? Compiler, string Description)> Found = new(Look);

    private NvrtcBinding(int version, int[] architectures) => (Version, Architectures) = (version, architectures);

    public int Version { get; }

    public IReadOnlyList<int> Architectures { get; }

    public static bool TryOpen([NotNullWhen(true)] out INvrtc? compiler)
    {
        compiler = Found.Value.Compiler;
        return compiler is not null;
    }

    public static string Describe() => Found.Value.Description;

    public unsafe byte[] Compile(string name, string source, IReadOnlyDictionary<string, string> headers, string[] options, bool cubin)
    {
        Require(nvrtcCreateProgram(out nint program, source, name, headers.Count, [.. headers.Values], [.. headers.Keys]), "nvrtcCreateProgram");
        try
        {
            int status = nvrtcCompileProgram(program, options.Length, options);
            if (status != 0)
                throw new KernelException($"{name} does not compile with {string.Join(' ', options)}: {Log(program)}");
            nuint bytes;
            Require(cubin ? nvrtcGetCUBINSize(program, out bytes) : nvrtcGetPTXSize(program, out bytes), "nvrtcGetPTXSize");
            byte[] image = new byte[bytes];
            fixed (byte* target = image)
                Require(cubin ? nvrtcGetCUBIN(program, target) : nvrtcGetPTX(program, target), "nvrtcGetPTX");

            // PTX is text with a zero at its end, which the driver's binding adds itself.
            return cubin ? image : image[..^1];
        }
        finally
        {
            _ = nvrtcDestroyProgram(ref program);
        }
    }

    private static unsafe (INvrtc? Compiler, string Description) Look()
    {
        if (NvrtcLibrary.Handle == 0)
            return (null, $"No NVRTC: none of {string.Join(", ", NvrtcLibrary.Candidates)} loads.");
        try
        {
            Require(nvrtcVersion(out int major, out int minor), "nvrtcVersion");
            Require(nvrtcGetNumSupportedArchs(out int count), "nvrtcGetNumSupportedArchs");
            int[] architectures = new int[count];
            fixed (int* target = architectures)
                Require(nvrtcGetSupportedArchs(target), "nvrtcGetSupportedArchs");
            return (new NvrtcBinding((1000 * major) + (10 * minor), architectures), string.Create(CultureInfo.InvariantCulture, $"NVRTC {major}.{minor}."));
        }
        catch (Exception wrong) when (wrong is KernelException or EntryPointNotFoundException)
        {
            return (null, $"An NVRTC is there, but of no use: {wrong.Message}");
        }
    }

    private static unsafe string Log(nint program)
    {
        if (nvrtcGetProgramLogSize(program, out nuint bytes) != 0 || bytes <= 1)
            return "it says nothing.";
        byte[] log = new byte[bytes];
        fixed (byte* target = log)
            _ = nvrtcGetProgramLog(program, target);
        return FirstErrors(Encoding.UTF8.GetString(log).TrimEnd('\0'));
    }

    /// <summary>The lines a person needs: errors where there are any, else all of it, on one line.</summary>
    private static string FirstErrors(string log)
    {
        string[] lines = log.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string[] errors = [.. lines.Where(line => line.Contains("error", StringComparison.OrdinalIgnoreCase)).Take(3)];
        return string.Join("; ", errors.Length > 0 ? errors : lines);
    }

    private static void Require(int status, string call)
    {
        if (status != 0)
            throw new KernelException($"{call} failed with nvrtcResult {status}.");
    }
}
