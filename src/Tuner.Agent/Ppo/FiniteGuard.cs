using Tuner.Agent.Networks;

namespace Tuner.Agent.Ppo;

/// <summary>Stops training before a NaN or an infinity spreads, and says where it came from.</summary>
internal static class FiniteGuard
{
    public static void Check(float value, string name)
    {
        if (!float.IsFinite(value))
            throw new NonFiniteException($"{name} is {value}; training stopped before using it.");
    }

    public static void Check(ReadOnlySpan<float> values, string name)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                throw new NonFiniteException($"{name}[{i}] is {values[i]}; training stopped before using it.");
        }
    }

    public static void CheckBlocks(ReadOnlySpan<float> values, ParameterLayout layout, string what)
    {
        foreach (ParameterBlock block in layout.Blocks)
            Check(values.Slice(block.Offset, block.Length), $"{what} of {block.Name}");
    }
}
