using Tuner.Env.Simulation;

namespace Tuner.Kernels.Tests.Reference;

/// <summary>Random inputs, the same in every run.</summary>
internal static class Draw
{
    public static float[] Numbers(RandomStream random, int count)
    {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++)
            numbers[i] = (float)((2 * random.NextDouble()) - 1);
        return numbers;
    }

    /// <summary>The numbers from 0 in random order.</summary>
    public static int[] Order(RandomStream random, int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int j = random.NextInt(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }
}
