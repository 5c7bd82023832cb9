namespace Tuner.Kernels.Driver;

/// <summary>One parameter of a kernel: eight bytes, of which the driver reads as many as the parameter has.</summary>
/// <remarks>Every machine CUDA runs on is little-endian, so a narrower value lies where the driver looks for it.</remarks>
public readonly struct KernelArgument
{
    private readonly ulong bits;

    private KernelArgument(ulong bits) => this.bits = bits;

    /// <summary>The address of GPU memory.</summary>
    public static KernelArgument Of(CudaMemory memory) => new((ulong)memory.Value);

    /// <summary>A 32-bit whole number.</summary>
    public static KernelArgument Of(int value) => new((uint)value);

    /// <summary>A 64-bit whole number.</summary>
    public static KernelArgument Of(long value) => new((ulong)value);

    /// <summary>A 32-bit floating-point number.</summary>
    public static KernelArgument Of(float value) => new(BitConverter.SingleToUInt32Bits(value));

    /// <summary>The eight bytes, for a debugger.</summary>
    public override string ToString() => $"0x{bits:x16}";
}
