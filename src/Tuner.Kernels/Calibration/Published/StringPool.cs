namespace Tuner.Kernels.Calibration.Published;

/// <summary>Keeps one copy of each text: table cells repeat.</summary>
internal sealed class StringPool
{
    private readonly Dictionary<string, string> known = [];
    private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> lookup;

    public StringPool() => lookup = known.GetAlternateLookup<ReadOnlySpan<char>>();

    public string Get(ReadOnlySpan<char> text)
    {
        if (lookup.TryGetValue(text, out string? found))
            return found;
        string added = text.ToString();
        known.Add(added, added);
        return added;
    }
}
