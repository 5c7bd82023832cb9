namespace Tuner.Kernels.Compilation;

/// <summary>One kernel: a source with its defines, under a name of its own.</summary>
/// <param name="Entry">The name it is compiled and launched under.</param>
/// <param name="Source">The file in <c>Sources</c>, such as <c>gemm_mma.cu</c>.</param>
/// <param name="Defines">What the source leaves open; <c>ENTRY</c> is added.</param>
/// <param name="Target">The least GPU.</param>
/// <param name="Threads">Threads of a block.</param>
/// <param name="SharedBytes">Dynamic shared memory of a block.</param>
public sealed record KernelSpec(string Entry, string Source, IReadOnlyDictionary<string, int> Defines, ComputeTarget Target, int Threads, int SharedBytes = 0)
{
    /// <summary>A define's value.</summary>
    internal int this[string define] => Defines[define];
}
