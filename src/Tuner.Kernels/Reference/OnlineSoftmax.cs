using System.Numerics;
using System.Runtime.CompilerServices;

namespace Tuner.Kernels.Reference;

/// <summary>One step of a softmax over scores that arrive in pieces (Milakov and Gimelshein, arXiv:1805.02867).</summary>
internal static unsafe class OnlineSoftmax
{
    /// <summary>A score no real one comes near, and finite: its difference to another is a number.</summary>
    public const float Masked = -1e30f;

    /// <summary>Turns the next scores of a row into weights relative to the largest so far, and rescales what was summed before.</summary>
    /// <remarks><code>
    /// m' = max(m, max s)     w = exp(s − m')     l' = l·exp(m − m') + Σ w     o' = o·exp(m − m')
    /// </code></remarks>
    /// <param name="scores">The scores; become the weights.</param>
    /// <param name="count">How many, a multiple of the vector's width.</param>
    /// <param name="largest">m, <see cref="Masked"/> at first.</param>
    /// <param name="sum">l, 0 at first.</param>
    /// <param name="output">o, the weighted values summed so far.</param>
    /// <param name="width">Its length, a multiple of the vector's width.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Step(float* scores, int count, ref float largest, ref float sum, float* output, int width)
    {
        Vector<float> top = Vector.Load(scores);
        for (int i = Vector<float>.Count; i < count; i += Vector<float>.Count)
            top = Vector.Max(top, Vector.Load(scores + i));
        float before = largest;
        for (int i = 0; i < Vector<float>.Count; i++)
            largest = Math.Max(largest, top[i]);

        var shift = new Vector<float>(largest);
        Vector<float> total = Vector<float>.Zero;
        for (int i = 0; i < count; i += Vector<float>.Count)
        {
            Vector<float> weight = Exponential.Of(Vector.Load(scores + i) - shift);
            weight.Store(scores + i);
            total += weight;
        }

        float keep = MathF.Exp(before - largest);
        sum = (sum * keep) + Vector.Sum(total);
        if (keep == 1)
            return;
        var factor = new Vector<float>(keep);
        for (int i = 0; i < width; i += Vector<float>.Count)
            (Vector.Load(output + i) * factor).Store(output + i);
    }
}
