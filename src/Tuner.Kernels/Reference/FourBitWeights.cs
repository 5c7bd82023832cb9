using Tuner.Env.Costs;

namespace Tuner.Kernels.Reference;

/// <summary>Weights as the GPU's four-bit kernels take them, and what they stand for.</summary>
/// <remarks>Packing: <c>Sources/four_bit.cuh</c>.</remarks>
/// <param name="Packed">[outputs, inputs / 8] words.</param>
/// <param name="Scales">A scale a group: bf16 for INT4, e4m3 for NVFP4.</param>
/// <param name="TensorScale">What all scales were divided by; 1 for INT4.</param>
/// <param name="Values">[outputs, inputs]: each weight as the kernel sees it, without the tensor's scale.</param>
public sealed record FourBitWeights(uint[] Packed, byte[] Scales, float TensorScale, float[] Values)
{
    private const int Int4Offset = 8;
    private const int Int4Largest = 7;

    /// <summary>Magnitudes of e2m1 (OCP microscaling formats specification, 2023).</summary>
    private static readonly float[] Magnitudes = [0, 0.5f, 1, 1.5f, 2, 3, 4, 6];

    /// <summary>Quantises.</summary>
    /// <param name="weights">[outputs, inputs].</param>
    /// <param name="inputs">A multiple of 8 and of the group.</param>
    /// <param name="precision"><see cref="KernelPrecision.Int4WeightOnly"/> or <see cref="KernelPrecision.NvFp4"/>.</param>
    /// <param name="group">Weights that share a scale.</param>
    public static FourBitWeights From(ReadOnlySpan<float> weights, int inputs, KernelPrecision precision, int group)
    {
        bool floating = precision == KernelPrecision.NvFp4;
        if (inputs % 8 != 0 || inputs % group != 0 || weights.Length % inputs != 0)
            throw new ArgumentException($"{weights.Length} weights in rows of {inputs} and groups of {group}; expected whole rows, groups and words of 8.", nameof(weights));
        var packed = new uint[weights.Length / 8];
        var scales = new byte[weights.Length / group * (floating ? 1 : 2)];
        var values = new float[weights.Length];
        float tensor = floating ? TensorScaleOf(weights) : 1;
        for (int first = 0; first < weights.Length; first += group)
        {
            ReadOnlySpan<float> own = weights.Slice(first, group);
            float largest = 0;
            foreach (float weight in own)
                largest = Math.Max(largest, MathF.Abs(weight));
            float scale = Scale(largest, floating, tensor, scales, first / group);
            for (int i = 0; i < group; i++)
            {
                float target = scale == 0 ? 0 : own[i] / (scale * tensor);
                int nibble = floating ? NearestE2m1(target) : Int4Offset + (int)Math.Clamp(MathF.Round(target), -Int4Offset, Int4Largest);
                values[first + i] = Bf16.Round(scale * (floating ? E2m1(nibble) : nibble - Int4Offset));
                packed[(first + i) / 8] |= (uint)nibble << Shift((first + i) % 8);
            }
        }

        return new FourBitWeights(packed, scales, tensor, values);
    }

    /// <summary>Where a weight of a word lies: even ones in the lower half, odd ones in the upper.</summary>
    private static int Shift(int index) => (4 * (index / 2)) + (16 * (index % 2));

    /// <summary>The largest weight becomes the largest scale times the largest e2m1 (NVIDIA, "Introducing NVFP4", 2025).</summary>
    private static float TensorScaleOf(ReadOnlySpan<float> weights)
    {
        float largest = 0;
        foreach (float weight in weights)
            largest = Math.Max(largest, MathF.Abs(weight));
        return largest == 0 ? 1 : largest / (E4m3.Largest * Magnitudes[^1]);
    }

    /// <summary>Writes a group's scale and returns it as the kernel reads it.</summary>
    private static float Scale(float largest, bool floating, float tensor, byte[] scales, int index)
    {
        if (floating)
        {
            scales[index] = E4m3.Bits(largest / (Magnitudes[^1] * tensor));
            return E4m3.Value(scales[index]);
        }

        ushort bits = Bf16.Bits(largest / Int4Largest);
        scales[2 * index] = (byte)bits;
        scales[(2 * index) + 1] = (byte)(bits >> 8);
        return Bf16.Value(bits);
    }

    private static int NearestE2m1(float value)
    {
        float size = MathF.Abs(value);
        int best = 0;
        for (int code = 1; code < Magnitudes.Length; code++)
        {
            if (MathF.Abs(Magnitudes[code] - size) < MathF.Abs(Magnitudes[best] - size))
                best = code;
        }

        return best | (value < 0 ? 8 : 0);
    }

    private static float E2m1(int nibble) => (nibble & 8) != 0 ? -Magnitudes[nibble & 7] : Magnitudes[nibble & 7];
}
