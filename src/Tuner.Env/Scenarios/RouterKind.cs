namespace Tuner.Env.Scenarios;

/// <summary>How requests are spread over replicas.</summary>
public enum RouterKind
{
    /// <summary>To the replica that holds most of the prompt's prefix, unless it is much busier than the least busy; else to the least busy.</summary>
    PrefixAffinity,

    /// <summary>To the least busy.</summary>
    LeastLoad,

    /// <summary>To each in turn.</summary>
    RoundRobin,
}
