namespace Tuner.Env.Traffic;

/// <summary>Where requests come from: a trace file or a synthetic preset. Enumerating streams them in order of arrival.</summary>
/// <remarks>Enumerating twice gives the same requests twice.</remarks>
public interface ITrafficSource : IEnumerable<InferenceRequest>
{
    /// <summary>A short name for reports: the file's name or the preset's.</summary>
    string Name { get; }
}
