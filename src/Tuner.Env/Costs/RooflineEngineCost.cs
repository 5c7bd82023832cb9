using Tuner.Policy.Knobs;

namespace Tuner.Env.Costs;

/// <summary>Times the steps of one engine with per-operation rooflines.</summary>
/// <remarks>
/// For a fixed number of decoding sequences and no prefill, the time is affine in the cached tokens, so the simulator may
/// sum a run of decode steps in closed form.
/// </remarks>
internal sealed class RooflineEngineCost : IEngineCost
{
    private readonly HardwareProfile profile;
    private readonly TransformerCost target;
    private readonly TransformerCost? draft;
    private readonly double hopBytesPerToken;

    public RooflineEngineCost(HardwareProfile profile, EngineSpec engine)
    {
        this.profile = profile;
        Engine = engine;
        GemmFit feedForward = engine.Precision == PrecisionMode.Fp8Fp4 ? profile.Fp4 : profile.Fp8;
        target = new TransformerCost(profile, engine.Model, engine.TensorParallel, engine.PipelineParallel, profile.Fp8, feedForward, engine.KvCompression);
        if (engine.Draft is { } model)
            draft = new TransformerCost(profile, model, engine.TensorParallel, 1, profile.Bf16, profile.Bf16, engine.KvCompression);
        hopBytesPerToken = 2.0 * engine.Model.HiddenSize;
    }

    public EngineSpec Engine { get; }

    public double IdleWattsPerGpu => profile.IdleWatts;

    public StepCost Step(in BatchShape batch)
    {
        int verified = Engine.DraftTokens + 1;
        double tokens = batch.PrefillTokens + ((double)batch.DecodeSequences * verified);
        double sampled = batch.PrefillsCompleted + ((double)batch.DecodeSequences * verified);
        double seconds = profile.StepOverheadSeconds + (profile.SequenceOverheadSeconds * (batch.DecodeSequences + batch.PrefillSequences));
        double arithmetic = 0;
        seconds += target.Pass(batch, tokens, sampled, verified, ref arithmetic);
        if (draft is not null)
        {
            // k sequential passes of one token a sequence; the prompt's chunk goes through the draft model once.
            BatchShape decode = batch with { PrefillTokens = 0, PrefillSequences = 0, PrefillPairs = 0, PrefillKvTokens = 0, PrefillsCompleted = 0 };
            if (batch.DecodeSequences > 0)
                seconds += Engine.DraftTokens * draft.Pass(decode, batch.DecodeSequences, batch.DecodeSequences, 1, ref arithmetic);
            if (batch.PrefillTokens > 0)
                seconds += draft.Pass(batch with { DecodeSequences = 0, DecodeKvTokens = 0 }, batch.PrefillTokens, 0, 1, ref arithmetic);
        }

        double hop = Engine.PipelineParallel > 1 ? profile.HopSeconds + (tokens * hopBytesPerToken / profile.PeerBytesPerSecond) : 0;

        // Power rises from streaming memory to the limit with the share of time spent in arithmetic.
        double share = Math.Min(1, arithmetic / seconds);
        double watts = profile.MemoryBoundWatts + ((profile.TdpWatts - profile.MemoryBoundWatts) * share);
        return new StepCost(seconds, hop, watts * seconds * Engine.TensorParallel * Engine.PipelineParallel);
    }
}
