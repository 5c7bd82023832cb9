using Tuner.Kernels.Swapping;

namespace Tuner.Kernels.Tests.Swapping.Stress;

/// <summary>Writes its stamp element by element, so that a mixture of two kernels would show.</summary>
public sealed class StampKernel(string name, int stamp, StampFault fault) : IKernel<StampCall>, IDisposable
{
    private const int Slowness = 400;
    private int disposed;
    private long usedAfterDisposal;

    public string Name => name;

    public StampFault Fault => fault;

    public bool Disposed => Volatile.Read(ref disposed) != 0;

    public long UsedAfterDisposal => Interlocked.Read(ref usedAfterDisposal);

    public void Run(in StampCall call)
    {
        Check();
        Span<float> values = call.Values;
        float value = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(call.Base) + (stamp * StampCall.StampStep));
        int half = values.Length / 2;
        for (int repeat = fault == StampFault.Slow ? Slowness : 1; repeat > 0; repeat--)
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = value;
                if (i == half && fault == StampFault.Throws)
                    throw new InvalidOperationException("launch failed");
            }
        }

        if (fault == StampFault.Wrong)
            values[half] = 1.01f * value;
        if (fault == StampFault.NotANumber)
            values[half] = float.NaN;
        Check();
    }

    public void Dispose() => Volatile.Write(ref disposed, 1);

    private void Check()
    {
        if (Disposed)
            Interlocked.Increment(ref usedAfterDisposal);
    }
}
