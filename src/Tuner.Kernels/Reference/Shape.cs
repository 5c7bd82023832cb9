namespace Tuner.Kernels.Reference;

/// <summary>Checks at the door: inside, the kernels work with pointers.</summary>
internal static class Shape
{
    /// <summary>Throws unless a span has the length its shape asks for.</summary>
    public static void Require(long found, long expected, string name)
    {
        if (found != expected)
            throw new ArgumentException($"{name} has {found} elements; its shape asks for {expected}.", name);
    }
}
