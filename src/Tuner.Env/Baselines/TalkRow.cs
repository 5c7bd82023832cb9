namespace Tuner.Env.Baselines;

/// <summary>The rows of the five-row table, in its order.</summary>
public enum TalkRow
{
    /// <summary>Many short requests: replicas.</summary>
    ManyShort,

    /// <summary>Few long requests: pipeline.</summary>
    FewLong,

    /// <summary>A mix of lengths: hybrid.</summary>
    Mixed,

    /// <summary>Larger than one GPU: tensor with pipeline, the hybrid layout of such scenarios.</summary>
    LargerThanGpu,

    /// <summary>A mixture of experts: expert parallel. It is part of a scenario's layouts and no knob, so the row never applies.</summary>
    Experts,
}
