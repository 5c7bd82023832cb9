using System.Runtime.CompilerServices;
using Tuner.Env.Simulation;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Operations;
using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Verification;

/// <summary>A GPU with kernels, a stream and room, and random numbers to feed it.</summary>
internal sealed class Bench(CudaDevice device, RandomStream random) : IDisposable
{
    private readonly List<CudaMemory> memories = [];

    public KernelShelf Shelf { get; } = new(device);

    public CudaStream Stream { get; } = device.CreateStream();

    public SplitWorkspace Work { get; } = new(device);

    public CudaDevice Device => device;

    /// <summary>Puts an array into GPU memory; it stays until <see cref="Clear"/>.</summary>
    public CudaMemory Put<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        CudaMemory memory = Room((long)values.Length * Unsafe.SizeOf<T>());
        memory.Write(values);
        return memory;
    }

    /// <summary>Takes GPU memory until <see cref="Clear"/>, full of ones in every bit: not a number in any format, should a kernel leave some out.</summary>
    public CudaMemory Room(long bytes)
    {
        CudaMemory memory = device.Allocate(bytes);
        memories.Add(memory);
        memory.Fill(0xff, Stream);
        Stream.Synchronize();
        return memory;
    }

    /// <summary>Waits for the stream and reads an array back.</summary>
    public T[] Get<T>(CudaMemory memory, int count)
        where T : unmanaged
    {
        Stream.Synchronize();
        var values = new T[count];
        memory.Read<T>(values);
        return values;
    }

    /// <summary>Gives back what <see cref="Room"/> took.</summary>
    public void Clear()
    {
        foreach (CudaMemory memory in memories)
            memory.Dispose();
        memories.Clear();
    }

    /// <summary>A whole number from 1 to <paramref name="most"/>, any size up to it equally likely in its logarithm.</summary>
    public int Size(int most) => Math.Clamp((int)Math.Exp(random.NextDouble() * Math.Log(most + 1.0)), 1, most);

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public int Between(int least, int most) => least + random.NextInt(most - least + 1);

    /// <summary>bf16 numbers of about a size, some ten times larger as activations have.</summary>
    public float[] Numbers(int count, float size = 1)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            float value = (float)((2 * random.NextDouble()) - 1) * size;
            values[i] = Bf16.Round(random.NextInt(100) == 0 ? 10 * value : value);
        }

        return values;
    }

    /// <summary>Numbers 0 to count − 1 in random order.</summary>
    public int[] Shuffled(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int j = random.NextInt(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }

    /// <summary>bf16 numbers in GPU memory.</summary>
    public CudaMemory PutBf16(ReadOnlySpan<float> values) => Put<ushort>(Bf16.Bits(values));

    /// <summary>bf16 numbers back from GPU memory.</summary>
    public float[] GetBf16(CudaMemory memory, int count) => Bf16.Values(Get<ushort>(memory, count));

    public void Dispose()
    {
        Clear();
        Work.Dispose();
        Stream.Dispose();
        Shelf.Dispose();
    }
}
