namespace Tuner.Env.Costs;

/// <summary>Where the memory of a replica's GPUs goes. Bytes are per GPU of the fullest stage.</summary>
/// <param name="CapacityBytes">What the engine may use of a GPU.</param>
/// <param name="WeightBytes">Weights of the served model, in every precision kept resident.</param>
/// <param name="DraftWeightBytes">Weights of the draft model; 0 while speculation is off.</param>
/// <param name="WorkspaceBytes">Activations, communication buffers, captured graphs and the runtime's context.</param>
/// <param name="KvBytesPerToken">KV cache bytes a token takes on this GPU, the draft's included.</param>
/// <param name="KvBlocks">Whole KV blocks of <see cref="BlockTokens"/> tokens that fit a replica; negative or 0 when the model does not fit.</param>
public readonly record struct MemoryPlan(
    double CapacityBytes,
    double WeightBytes,
    double DraftWeightBytes,
    double WorkspaceBytes,
    double KvBytesPerToken,
    int KvBlocks)
{
    /// <summary>Tokens in a KV block: vLLM's default (<c>--block-size 16</c>).</summary>
    public const int BlockTokens = 16;

    /// <summary>Tokens the KV cache holds; without limit where the model does not fit, which <see cref="Fits"/> tells.</summary>
    public long KvTokens => Fits ? (long)KvBlocks * BlockTokens : int.MaxValue;

    /// <summary>Whether the engine can run at all: room for weights and some KV cache.</summary>
    public bool Fits => KvBlocks > 0;
}
