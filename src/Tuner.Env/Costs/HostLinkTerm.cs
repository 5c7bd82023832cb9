namespace Tuner.Env.Costs;

/// <summary>Copies between a GPU and its host's memory.</summary>
/// <param name="BytesPerSecond">Reached by large copies, one direction.</param>
/// <param name="CopySeconds">What a copy takes beside its bytes; a KV block is one copy.</param>
/// <param name="Provenance">What the figures rest on.</param>
/// <param name="Source">Where they come from.</param>
public sealed record HostLinkTerm(double BytesPerSecond, double CopySeconds, Provenance Provenance, string Source)
{
    /// <summary>Seconds of a number of copies, one after another.</summary>
    /// <param name="copies">How many.</param>
    /// <param name="bytesEach">Bytes of each.</param>
    public double Seconds(double copies, double bytesEach) => copies * (CopySeconds + (bytesEach / BytesPerSecond));
}
