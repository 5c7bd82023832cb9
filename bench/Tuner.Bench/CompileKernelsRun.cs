using Tuner.Kernels.Compilation;

namespace Tuner.Bench;

/// <summary>Compiles the GPU kernels to the PTX that the kernels' assembly carries. Needs NVRTC, and no GPU.</summary>
internal static class CompileKernelsRun
{
    public static int Run(string folder)
    {
        try
        {
            int written = CompiledKernels.WriteTo(folder);
            Console.WriteLine($"{written} kernels compiled to {folder} ({KernelCompiler.Describe().TrimEnd('.')}).");
            return 0;
        }
        catch (KernelException cannot)
        {
            Console.Error.WriteLine(cannot.Message);
            return 1;
        }
    }
}
