namespace Tuner.Env.Traffic;

/// <summary>What kind of work a request is; draft acceptance differs from class to class.</summary>
public enum TrafficClass
{
    /// <summary>Conversation.</summary>
    Chat,

    /// <summary>Code completion and editing.</summary>
    Code,

    /// <summary>Long documents and retrieval.</summary>
    LongContext,

    /// <summary>Long chains of thought.</summary>
    Reasoning,

    /// <summary>Tool-using sessions.</summary>
    Agentic,
}
