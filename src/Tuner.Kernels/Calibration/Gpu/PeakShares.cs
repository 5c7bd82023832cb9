using Tuner.Env.Costs;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Libraries;
using Tuner.Kernels.Operations;
using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Calibration.Gpu;

/// <summary>Times the kernels that matter most on shapes that should reach the hardware's limits.</summary>
public static class PeakShares
{
    private const double ProductAim = 0.6;
    private const double Fp8ProductAim = 0.5;
    private const double DecodeAim = 0.8;
    private const double CopyAim = 0.9;
    private const long CopyBytes = 1L << 28;

    private static readonly ProductShape Large = new(8192, 8192, 8192);
    private static readonly AttentionShape Heads = new(32, 8, 128);

    /// <summary>Measures.</summary>
    /// <param name="device">The GPU.</param>
    /// <exception cref="CalibrationException">The GPU's peak rates are not known.</exception>
    public static IReadOnlyList<PeakShare> Run(CudaDevice device)
    {
        using var session = new GpuSession(device, null, 0, 0, null, CancellationToken.None);
        return [.. Products(session), .. Decode(session), .. Copies(session)];
    }

    private static IEnumerable<PeakShare> Products(GpuSession session)
    {
        using CudaMemory x = session.Device.Allocate((long)Large.Rows * Large.Inputs * sizeof(ushort)), y = session.Device.Allocate((long)Large.Rows * Large.Outputs * sizeof(ushort));
        x.Fill(0x3c, session.Stream);
        foreach ((KernelPrecision precision, double peak, double aim) in (IEnumerable<(KernelPrecision, double, double)>)[(KernelPrecision.Bf16, session.Peaks.Bf16FlopsPerSecond, ProductAim), (KernelPrecision.Fp8, session.Peaks.Fp8FlopsPerSecond, Fp8ProductAim)])
        {
            long weights = (long)Large.Outputs * Large.Inputs * (precision == KernelPrecision.Fp8 ? 1 : sizeof(ushort));
            (KernelSpec Kernel, double Seconds)[] times = [.. KernelCatalog.Products(precision).Where(session.Runs).Select(kernel =>
                (kernel, session.Timer.Measure(2, place => new ProductKernel(kernel).Launch(session.Shelf, session.Stream, Large, x, session.Arena.At(weights, place), KernelArgument.Null, y, session.Work, 1, 1)).Seconds))];
            if (times.Length == 0)
                continue;
            (KernelSpec best, double seconds) = times.MinBy(time => time.Seconds);
            yield return new PeakShare($"product {precision} {Large}", best.Entry, Large.Flops / seconds, peak, aim);
            using CublasLtProduct? product = session.Library?.Plan(Large, precision);
            if (product is null)
                continue;
            (double theirs, _) = session.Timer.Measure(2, place => product.Launch(session.Stream, KernelArgument.Of(x), session.Arena.At(weights, place), y));
            yield return new PeakShare($"product {precision} {Large}, library", session.Library!.Version, Large.Flops / theirs, peak, aim);
        }
    }

    private static IEnumerable<PeakShare> Decode(GpuSession session)
    {
        const int sequences = 64;
        const int tokens = 8192;
        using CudaMemory q = session.Device.Allocate((long)sequences * Heads.Heads * Heads.HeadDim * sizeof(ushort)), o = session.Device.Allocate(q.Bytes);
        q.Fill(0x3c, session.Stream);
        foreach (int bits in (int[])[16, 8])
        {
            KernelSpec kernel = KernelCatalog.Decode(Heads.HeadDim, bits);
            if (!session.Runs(kernel))
                continue;
            var decode = new DecodeKernel(kernel);
            using var cache = new GpuDecodeInputs(session, decode, Heads, sequences, tokens);
            (double seconds, _) = session.Timer.Measure(cache.Places, place => cache.Launch(place, q, o, session.Stream));
            yield return new PeakShare($"decode attention, {bits}-bit cache, {sequences} × {tokens} tokens", kernel.Entry, decode.Bytes(Heads, sequences, tokens) / seconds, session.Peaks.MemoryBytesPerSecond, DecodeAim);
        }
    }

    private static IEnumerable<PeakShare> Copies(GpuSession session)
    {
        double link = session.Meter?.LinkBytesPerSecond ?? 0;
        using PinnedMemory host = session.Device.AllocateHost(CopyBytes);
        using CudaMemory near = session.Device.Allocate(CopyBytes);
        near.Fill(0, session.Stream);
        (double toDevice, _) = session.Timer.Measure(1, _ => near.Write(host, session.Stream));
        (double toHost, _) = session.Timer.Measure(1, _ => near.Read(host, session.Stream));
        yield return new PeakShare("copy from the host", "copy engine", CopyBytes / toDevice, link, CopyAim);
        yield return new PeakShare("copy to the host", "copy engine", CopyBytes / toHost, link, CopyAim);
    }
}
