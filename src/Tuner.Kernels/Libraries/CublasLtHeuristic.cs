using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tuner.Kernels.Libraries;

/// <summary>cublasLtMatmulHeuristicResult_t: an algorithm cuBLASLt proposes. 96 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CublasLtHeuristic
{
    /// <summary>cublasLtMatmulAlgo_t, opaque.</summary>
    public Algorithm Opaque;

    /// <summary>Workspace it needs, bytes.</summary>
    public nuint WorkspaceBytes;

    /// <summary>cublasStatus_t; other fields hold only where it is 0.</summary>
    public int State;

    /// <summary>Waves of blocks it takes.</summary>
    public float Waves;

    private Reserved reserved;

    /// <summary>Eight words of 64 bits.</summary>
    [InlineArray(8)]
    public struct Algorithm
    {
        private ulong word;
    }

    [InlineArray(4)]
    private struct Reserved
    {
        private int word;
    }
}
