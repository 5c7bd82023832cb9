namespace Tuner.Kernels.Compilation;

/// <summary>NVIDIA's run-time compiler.</summary>
internal interface INvrtc
{
    /// <summary>Its version as CUDA writes it: 12040 is 12.4.</summary>
    int Version { get; }

    /// <summary>Compute capabilities it compiles for: 90 is 9.0.</summary>
    IReadOnlyList<int> Architectures { get; }

    /// <summary>Compiles one source.</summary>
    /// <param name="name">The source's name, for messages.</param>
    /// <param name="source">The source.</param>
    /// <param name="headers">What it may include, by name.</param>
    /// <param name="options">Options of the compiler.</param>
    /// <param name="cubin">Machine code of one architecture instead of PTX.</param>
    /// <exception cref="KernelException">It does not compile; the message carries the first errors.</exception>
    byte[] Compile(string name, string source, IReadOnlyDictionary<string, string> headers, string[] options, bool cubin);
}
