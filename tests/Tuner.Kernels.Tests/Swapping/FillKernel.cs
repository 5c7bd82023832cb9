using System.Diagnostics;
using Tuner.Kernels.Swapping;

namespace Tuner.Kernels.Tests.Swapping;

/// <summary>Fills the output right, off by a share, with a NaN, slowly, or not at all.</summary>
internal sealed class FillKernel(string name, float error = 0, bool notANumber = false, double microseconds = 0, long throwFrom = long.MaxValue, long wrongFrom = 0)
    : IKernel<FillCall>, IDisposable
{
    private long calls;
    private int disposed;

    public string Name => name;

    public long Calls => Interlocked.Read(ref calls);

    public bool Disposed => Volatile.Read(ref disposed) != 0;

    public long AfterDisposal { get; private set; }

    public void Run(in FillCall call)
    {
        long number = Interlocked.Increment(ref calls);
        if (Disposed)
            AfterDisposal++;
        if (number >= throwFrom)
            throw new InvalidOperationException("launch failed");
        Span<float> values = call.Values;
        for (int i = 0; i < values.Length; i++)
            values[i] = call.Right(i) * (number >= wrongFrom ? 1 + error : 1);
        if (notANumber && number >= wrongFrom)
            values[^1] = float.NaN;
        if (microseconds > 0)
        {
            long start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start).TotalMicroseconds < microseconds)
                Thread.SpinWait(10);
        }
    }

    public void Dispose() => Volatile.Write(ref disposed, 1);
}
