using Tuner.Kernels.Driver;
using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Swapping.Gpu;

/// <summary>The same product on the processor, in double precision: slow, right, and what remains when every GPU kernel was rolled back.</summary>
public sealed class HostProductKernel : IKernel<DeviceProductCall>
{
    /// <inheritdoc/>
    public string Name => "product-host";

    /// <inheritdoc/>
    public void Run(in DeviceProductCall call)
    {
        call.Stream.Synchronize();
        (int rows, int outputs, int inputs) = (call.Shape.Rows, call.Shape.Outputs, call.Shape.Inputs);
        float[] x = Read(call.X, rows * inputs);
        float[] w = Read(call.W, outputs * inputs);
        var y = new float[rows * outputs];
        Parallel.For(0, outputs, column =>
        {
            for (int row = 0; row < rows; row++)
            {
                double sum = 0;
                for (int k = 0; k < inputs; k++)
                    sum += (double)x[(row * inputs) + k] * w[(column * inputs) + k];
                y[(row * outputs) + column] = (float)sum;
            }
        });
        call.Y.Write<ushort>(Bf16.Bits(y));
    }

    private static float[] Read(CudaMemory memory, int count)
    {
        var bits = new ushort[count];
        memory.Read<ushort>(bits);
        return Bf16.Values(bits);
    }
}
