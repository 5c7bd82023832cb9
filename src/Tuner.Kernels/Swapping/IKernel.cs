namespace Tuner.Kernels.Swapping;

/// <summary>One implementation of an operation: a CPU kernel, a compiled GPU kernel, a vendor's library.</summary>
/// <typeparam name="TCall">What a call of the operation consists of: shapes, buffers, and for a GPU the stream.</typeparam>
public interface IKernel<TCall>
    where TCall : struct
{
    /// <summary>Its name, unique among the operation's kernels, such as <c>gemm-128x64-v3</c>.</summary>
    string Name { get; }

    /// <summary>Runs one call. Writes the output whole and changes nothing else; may be called by several threads at once.</summary>
    /// <remarks>Must not hold on to the call. A launch that fails throws; the output may then hold anything.</remarks>
    void Run(in TCall call);
}
