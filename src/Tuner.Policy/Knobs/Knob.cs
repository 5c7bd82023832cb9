namespace Tuner.Policy.Knobs;

/// <summary>The knobs a policy turns, one action head each, in the order of the heads.</summary>
/// <remarks>The eight documented actions act on these: smaller and larger draft are two values of one head.</remarks>
public enum Knob
{
    /// <summary>How the model is laid out over the GPUs (action 1). Head of 4: a <see cref="ParallelismMode"/>.</summary>
    Parallelism,

    /// <summary>Weight precision (action 2). Head of 2: a <see cref="PrecisionMode"/>.</summary>
    Precision,

    /// <summary>Most sequences in one engine batch (action 3). Head of 3: a <see cref="LadderMove"/>.</summary>
    MaxBatch,

    /// <summary>How long an idle engine waits for company before it starts a batch (action 3). Head of 3: a <see cref="LadderMove"/>.</summary>
    BatchWait,

    /// <summary>KV cache in 8 bits instead of 16 (action 4). Head of 2: off, on.</summary>
    KvCompression,

    /// <summary>Speculative decoding (action 5). Head of 2: off, on.</summary>
    Speculation,

    /// <summary>Smaller or larger draft model (actions 6 and 7). Head of 3: a <see cref="LadderMove"/>.</summary>
    Draft,

    /// <summary>Speculative KV prefetch from host memory (action 8). Head of 2: off, on.</summary>
    KvPrefetch,
}
