namespace Tuner.Kernels.Driver;

/// <summary>One parameter of a kernel: eight bytes, of which the driver reads as many as the parameter has.</summary>
/// <remarks>Every machine CUDA runs on is little-endian, so a narrower value lies where the driver looks for it.</remarks>
public readonly struct KernelArgument
{
    private readonly ulong bits;

    private KernelArgument(ulong bits) => this.bits = bits;

    /// <summary>The address, of one that is one.</summary>
    internal nint Address => (nint)bits;

    /// <summary>No address.</summary>
    public static KernelArgument Null => default;

    /// <summary>The address of GPU memory, or of a byte in it.</summary>
    public static KernelArgument Of(CudaMemory memory, long offset = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, memory.Bytes);
        return new((ulong)memory.Value + (ulong)offset);
    }

    /// <summary>The address of pinned host memory, which a kernel reaches over the link: one address space holds both.</summary>
    public static KernelArgument Of(PinnedMemory memory) => new((ulong)memory.Value);

    /// <summary>A 32-bit whole number.</summary>
    public static KernelArgument Of(int value) => new((uint)value);

    /// <summary>A 64-bit whole number.</summary>
    public static KernelArgument Of(long value) => new((ulong)value);

    /// <summary>A 32-bit floating-point number.</summary>
    public static KernelArgument Of(float value) => new(BitConverter.SingleToUInt32Bits(value));

    /// <summary>The eight bytes, for a debugger.</summary>
    public override string ToString() => $"0x{bits:x16}";
}
