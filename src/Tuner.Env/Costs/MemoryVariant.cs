namespace Tuner.Env.Costs;

/// <summary>The same chip with other memory: a GPU that was sold with several kinds of it, of which one was measured.</summary>
/// <remarks>
/// What streams memory takes the share of the peak the measured one reaches: weights of products, keys and values, elementwise kernels. What
/// computes, communicates or waits for the host is as measured. Residuals are kept, as shares of the roofline they were fitted to.
/// </remarks>
public static class MemoryVariant
{
    /// <summary>Derives a profile.</summary>
    /// <param name="measured">The GPU measured.</param>
    /// <param name="name">The name of the variant.</param>
    /// <param name="memoryBytes">Its memory, bytes; above 0.</param>
    /// <param name="bytesPerSecond">Peak bandwidth of that memory; above 0.</param>
    public static HardwareProfile Of(HardwareProfile measured, string name, double memoryBytes, double bytesPerSecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(memoryBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytesPerSecond);
        double share = bytesPerSecond / measured.MemoryBytesPerSecond;
        return measured with
        {
            Name = name,
            MemoryBytes = memoryBytes,
            MemoryBytesPerSecond = bytesPerSecond,
            Engines = [.. measured.Engines.Select(engine => Scale(engine, share))],
            Sources = [.. measured.Sources, $"{name}: {measured.Name} with memory of {share:0.00} of its bandwidth"],
        };
    }

    private static EngineKernels Scale(EngineKernels engine, double share) => engine with
    {
        Gemm = [.. engine.Gemm.Select(term => term with { Roofline = term.Roofline with { BytesPerSecond = share * term.Roofline.BytesPerSecond } })],
        Attention = [.. engine.Attention.Select(term => term.Phase == AttentionPhase.Decode ? term with { Rate = share * term.Rate } : term)],
        Overheads = engine.Overheads with { ElementwiseBytesPerSecond = share * engine.Overheads.ElementwiseBytesPerSecond },
    };
}
