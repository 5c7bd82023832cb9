namespace Tuner.Kernels.Tests.Swapping;

/// <summary>A call that fills its output: with the right numbers, or with what a kernel under test makes of them.</summary>
internal readonly unsafe record struct FillCall(nint Output, int Count, float Seed)
{
    public Span<float> Values => new((void*)Output, Count);

    public float Right(int i) => Seed + (0.5f * i);
}
