namespace Tuner.Kernels.Swapping;

/// <summary>The version of every operation at one moment; immutable, swapped whole.</summary>
internal sealed class DispatchTable(object[] versions)
{
    public static DispatchTable Empty { get; } = new([]);

    public object[] Versions => versions;

    public DispatchTable With(int operation, object version)
    {
        object[] next = [.. versions.Length > operation ? versions : [.. versions, version]];
        next[operation] = version;
        return new DispatchTable(next);
    }
}
