namespace Tuner.Kernels.Tests.Swapping.Stress;

/// <summary>A call whose output is one number, repeated: the call's own plus a stamp of the kernel, in the last bits.</summary>
public readonly unsafe record struct StampCall(nint Output, int Count, float Base)
{
    /// <summary>Steps of the last bit between two kernels' stamps.</summary>
    public const int StampStep = 4;

    /// <summary>Most stamps: all stay within the contract's tolerance of each other.</summary>
    public const int Stamps = 12;

    public Span<float> Values => new((void*)Output, Count);

    /// <summary>The stamp the output carries in every element; null where it is torn, wrong or not finite.</summary>
    public int? Stamp()
    {
        int bits = BitConverter.SingleToInt32Bits(Values[0]) - BitConverter.SingleToInt32Bits(Base);
        if (Values.ContainsAnyExcept(Values[0]) || bits % StampStep != 0 || bits / StampStep is not (>= 0 and < Stamps))
            return null;
        return bits / StampStep;
    }
}
