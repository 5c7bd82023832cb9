using System.IO.Compression;
using System.Text;

namespace Tuner.Kernels.Compilation;

/// <summary>Kernels compiled ahead of time to PTX of Hopper (compute capability 9.0), which this assembly carries for machines without a compiler.</summary>
/// <remarks>The first line of each is a comment with the hash of what it was compiled from.</remarks>
public static class CompiledKernels
{
    /// <summary>Where the files are in the source tree, from its root.</summary>
    public const string Folder = "src/Tuner.Kernels/Sources/Compiled";

    private const string Prefix = "Tuner.Kernels.Sources.Compiled.";
    private const string Suffix = ".ptx.gz";
    private const string HashMark = "// tuner-source ";

    /// <summary>What kernels are compiled for ahead of time.</summary>
    public static ComputeTarget Target { get; } = new(9, 0);

    /// <summary>The PTX of a kernel; null where it was not compiled ahead of time.</summary>
    public static byte[]? PtxOf(KernelSpec kernel)
    {
        using Stream? stream = typeof(CompiledKernels).Assembly.GetManifestResourceStream(Prefix + kernel.Entry + Suffix);
        if (stream is null)
            return null;
        using var unzip = new GZipStream(stream, CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        unzip.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>The hash a PTX says it was compiled from; empty where it says none.</summary>
    public static string HashIn(byte[] ptx)
    {
        int end = Array.IndexOf(ptx, (byte)'\n');
        string line = Encoding.UTF8.GetString(ptx, 0, Math.Max(0, end));
        return line.StartsWith(HashMark, StringComparison.Ordinal) ? line[HashMark.Length..] : "";
    }

    /// <summary>Compiles every kernel Hopper runs and writes one file each; removes files of kernels that are no more.</summary>
    /// <param name="folder">Where to, usually <see cref="Folder"/>.</param>
    /// <returns>How many kernels were written.</returns>
    /// <exception cref="KernelException">There is no compiler, or a source does not compile.</exception>
    public static int WriteTo(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (string old in Directory.GetFiles(folder, "*" + Suffix))
            File.Delete(old);
        int written = 0;
        foreach (KernelSpec kernel in KernelCatalog.All.Where(kernel => TargetOf(kernel) is not null))
        {
            byte[] ptx = [.. Encoding.UTF8.GetBytes(HashMark + KernelSources.HashOf(kernel) + "\n"), .. KernelCompiler.Compile(kernel, TargetOf(kernel)!.Value, cubin: false)];
            using var file = new FileStream(Path.Combine(folder, kernel.Entry + Suffix), FileMode.Create);
            using var zip = new GZipStream(file, CompressionLevel.SmallestSize);
            zip.Write(ptx);
            written++;
        }

        return written;
    }

    /// <summary>Hopper for kernels that run on it and everything newer, Hopper alone for those that use what only it has, null for others.</summary>
    internal static ComputeTarget? TargetOf(KernelSpec kernel) =>
        kernel.Target.Exact ? (kernel.Target.Number == Target.Number ? kernel.Target : null) : (kernel.Target.Number <= Target.Number ? Target : null);
}
