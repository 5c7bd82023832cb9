namespace Tuner.Kernels.Compilation;

/// <summary>A kernel cannot be had: no compiler, no fitting GPU, or a source that does not compile. The message says which.</summary>
public sealed class KernelException(string message) : Exception(message);
