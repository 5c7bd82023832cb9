namespace Tuner.Kernels.Swapping;

/// <summary>What every kernel of an operation promises, and how the registry checks it.</summary>
/// <remarks>
/// The registry knows nothing of buffers: a contract over GPU calls redirects the output to device memory and compares after
/// copying both outputs back on the call's stream, which also waits for the kernel. One contract serves all threads.
/// </remarks>
/// <typeparam name="TCall">What a call of the operation consists of.</typeparam>
public abstract class KernelContract<TCall>
    where TCall : struct
{
    /// <summary>The operation's name, element types included, such as <c>product f32</c>.</summary>
    public abstract string Operation { get; }

    /// <summary>How far two outputs may lie apart.</summary>
    public abstract Tolerance Tolerance { get; }

    /// <summary>Whether kernels must take this call: types, shapes and ranges. Calls outside run on the incumbent, unchecked.</summary>
    public abstract bool Covers(in TCall call);

    /// <summary>Bytes of output a call writes.</summary>
    public abstract long OutputBytes(in TCall call);

    /// <summary>The same call with its output elsewhere.</summary>
    /// <param name="call">The call.</param>
    /// <param name="scratch">Memory of the calling thread, of at least <see cref="OutputBytes"/>.</param>
    public abstract TCall Redirect(in TCall call, KernelScratch scratch);

    /// <summary>Waits until a call's output is written. Kernels that return when they are done need none; a GPU's contract waits for the stream.</summary>
    public virtual void Finish(in TCall call)
    {
    }

    /// <summary>Compares what two kernels made of the same input, both finished.</summary>
    /// <param name="expected">The call whose output is trusted.</param>
    /// <param name="actual">The call whose output is judged.</param>
    public abstract OutputVerdict Compare(in TCall expected, in TCall actual);
}
