using System.Runtime.CompilerServices;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Costs;

/// <summary>Times the steps of one engine from the kernels of a hardware profile.</summary>
internal sealed class MeasuredEngineCost : IEngineCost
{
    /// <summary>Host time is another simulator's figure: half or twice as much would not surprise.</summary>
    private const double HostSpread = 0.7;

    private readonly HardwareProfile profile;
    private readonly EngineOverheads overheads;
    private readonly TransformerCost target;
    private readonly TransformerCost? draft;
    private readonly SpeculationOverheads speculation;
    private readonly double draftOverhead;
    private readonly RowCurve? hop;

    public MeasuredEngineCost(HardwareProfile profile, TransformerShelf transformers, EngineSpec engine)
    {
        this.profile = profile;
        Engine = engine;
        overheads = transformers.Kernels.Overheads;
        Schedule = transformers.Kernels.Schedule;
        FrontEnd = transformers.Kernels.FrontEnd;
        Raggedness = transformers.Kernels.Raggedness;
        speculation = transformers.Kernels.Speculation;
        target = transformers.For(engine);
        if (engine.Draft is { } model)
        {
            draft = transformers.For(engine with { Model = model, PipelineParallel = 1, Precision = PrecisionMode.Fp8, Weights = KernelPrecision.Bf16 });
            draftOverhead = speculation.StepSeconds + (engine.DraftTokens * (speculation.PassSeconds + (model.Layers * speculation.LayerSeconds)));
        }

        if (engine.PipelineParallel > 1)
        {
            // 16-bit activations of every token go to the GPU of the next stage.
            double bytesPerToken = 2.0 * engine.Model.HiddenSize;
            CollectiveTerm? send = transformers.Kernels.CollectiveFor(CollectiveOperation.PointToPoint, 2);
            hop = new RowCurve(RowCurve.Knots([transformers.Kernels.Products(engine.Weights)]), rows => send?.At(rows * bytesPerToken) ?? (profile.HopSeconds + (rows * bytesPerToken / profile.PeerBytesPerSecond)));
        }
    }

    public EngineSpec Engine { get; }

    public double IdleWattsPerGpu => profile.Power.IdleWatts;

    public EngineSchedule Schedule { get; }

    public FrontEnd FrontEnd { get; }

    public double Raggedness { get; }

    // Optimised at once, as is all it calls: a sweep over thousands of configurations ends before the runtime would recompile it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public StepCost Step(in BatchShape whole)
    {
        BatchShape batch = whole.Share(Engine.DataParallel);
        double seconds = Seconds(whole, batch, out StepWork work);
        double tokens = batch.PrefillTokens + ((double)batch.DecodeSequences * (Engine.DraftTokens + 1));
        return new StepCost(seconds, hop?.At(tokens) ?? 0, Busy(seconds, work).Watts * seconds * Engine.Gpus);
    }

    public StepPower Power(in BatchShape whole)
    {
        double seconds = Seconds(whole, whole.Share(Engine.DataParallel), out StepWork work);
        return Busy(seconds, work);
    }

    public IReadOnlyList<CostTerm> Explain(in BatchShape whole)
    {
        BatchShape batch = whole.Share(Engine.DataParallel);
        int verified = Engine.DraftTokens + 1;
        double tokens = batch.PrefillTokens + ((double)batch.DecodeSequences * verified);
        double everyone = Engine.DataParallel == 1 ? tokens : whole.PrefillTokens + ((double)whole.DecodeSequences * verified);
        double sampled = batch.PrefillsCompleted + ((double)batch.DecodeSequences * verified);
        var terms = new List<CostTerm>(target.Explain(batch, tokens, everyone, sampled));
        double rest = Step(whole).StageSeconds - terms.Sum(term => term.Seconds);
        terms.Add(new CostTerm(draft is null ? CostTerm.Host : CostTerm.DraftingAndHost, rest, Provenance.Analytic, HostSpread, 0));
        return terms;
    }

    public double NextBend(in BatchShape whole)
    {
        BatchShape batch = whole.Share(Engine.DataParallel);
        double bend = target.NextBend(batch);
        if (draft is not null)
            bend = Math.Min(bend, draft.NextBend(batch));
        return Engine.DataParallel == 1 ? bend : bend * whole.DecodeSequences / batch.DecodeSequences;
    }

    private StepPower Busy(double seconds, StepWork work)
    {
        double memory = Math.Min(1, work.Bytes / profile.MemoryBytesPerSecond / seconds);
        double arithmetic = Math.Min(1, work.ArithmeticSeconds / seconds);
        return new StepPower(profile.Power.At(memory, arithmetic), memory, arithmetic);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Seconds(in BatchShape whole, in BatchShape batch, out StepWork work)
    {
        int verified = Engine.DraftTokens + 1;
        double tokens = batch.PrefillTokens + ((double)batch.DecodeSequences * verified);
        double everyone = Engine.DataParallel == 1 ? tokens : whole.PrefillTokens + ((double)whole.DecodeSequences * verified);
        double sampled = batch.PrefillsCompleted + ((double)batch.DecodeSequences * verified);
        double host = overheads.StepSeconds + (overheads.SequenceSeconds * (batch.DecodeSequences + batch.PrefillSequences)) + (overheads.TokenSeconds * batch.PrefillTokens);
        work = default;
        double kernels = target.Pass(batch, tokens, everyone, sampled, ref work);
        if (tokens > RowCurve.LargestCaptured && batch.PrefillTokens > 0)
            kernels = Math.Max(kernels, target.LaunchSeconds);
        double seconds = host + kernels;
        return draft is null ? seconds : seconds + Draft(batch, whole, tokens, everyone, ref work);
    }

    // The first pass catches up on every token the target has just processed, prompts and verified drafts; each further one adds a token.
    private double Draft(in BatchShape batch, in BatchShape whole, double tokens, double everyone, ref StepWork work)
    {
        double seconds = draft!.Pass(batch, tokens, everyone, batch.DecodeSequences, ref work);
        if (batch.DecodeSequences == 0)
            return seconds;
        if (Engine.DraftTokens > 1)
        {
            BatchShape decode = batch with { PrefillTokens = 0, PrefillSequences = 0, PrefillPairs = 0, PrefillKvTokens = 0, PrefillsCompleted = 0 };
            StepWork pass = default;
            seconds += (Engine.DraftTokens - 1) * draft.Pass(decode, batch.DecodeSequences, whole.DecodeSequences, batch.DecodeSequences, ref pass);
            work += (Engine.DraftTokens - 1) * pass;
        }

        return seconds + draftOverhead + (speculation.SequenceSeconds * batch.DecodeSequences);
    }
}
