namespace Tuner.Kernels.Tests.Swapping.Stress;

/// <summary>What is wrong with a kernel.</summary>
public enum StampFault
{
    None,
    Wrong,
    NotANumber,
    Throws,
    Slow,
}
