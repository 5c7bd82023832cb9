using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration.Published;
using Tuner.Kernels.Calibration.Samples;

namespace Tuner.Kernels.Calibration.InEngine;

/// <summary>Turns kernels timed inside a running engine into the hardware profile of a GPU.</summary>
public static class InEngineCalibration
{
    private const string Engine = "vllm";
    private const string Source = "vllm 0.19.0 modules timed by casys-kaist/LLMServingSim 5daddb2";

    /// <summary>
    /// Decode attention over 128 contexts of unlike length lies 3.3 to 3.7 % of the way from that of their mean to that of the longest (least squares
    /// over the skew.csv of the same repository: Llama-3.1-8B and Qwen3-32B on RTX PRO 6000, Llama-3.1-8B on RTX 4090). It is 1 % at 256 and scatters below 64.
    /// </summary>
    private const double Raggedness = 0.035;

    /// <summary>What a roofline needs at least.</summary>
    private const int FewestCalls = 20;

    /// <summary>vLLM's blog of 2026-01-08: 0.78 of PCIe, 2.2 us a copy.</summary>
    private const double HostLinkShare = 0.78;
    private const double HostCopySeconds = 2.2e-6;

    /// <summary>Whether a folder has such tables of a GPU.</summary>
    /// <param name="folder">The folder that holds <c>llmservingsim/</c>.</param>
    /// <param name="device">The GPU's short name.</param>
    public static bool Has(string folder, string device) => InEngineTables.Find(folder, device) is not null;

    /// <summary>Calibrates a GPU.</summary>
    /// <param name="folder">The folder that holds <c>llmservingsim/</c>.</param>
    /// <param name="device">The GPU's short name.</param>
    /// <exception cref="CalibrationException">A table is missing, malformed or too small, or the board is not known.</exception>
    public static HardwareProfile Run(string folder, string device)
    {
        DeviceFacts facts = BoardFacts.Of(device);
        string found = InEngineTables.Find(folder, device) ?? throw new CalibrationException($"{folder}: llmservingsim/profiler/perf has no {device}.");
        IReadOnlyList<InEngineTables> tables = InEngineTables.Read(found);
        var errors = new List<FitError>();
        (GemmTerm gemm, FitError gemmError) = GemmSurface.Fit(tables.SelectMany(table => table.Products()), KernelPrecision.Bf16, 2, Source, $"gemm bf16, {Engine}");
        errors.Add(gemmError);
        AttentionSample[] attention = [.. tables.SelectMany(Alone)];
        var terms = new List<AttentionTerm>();
        foreach (AttentionPhase phase in Enum.GetValues<AttentionPhase>())
        {
            foreach (int width in attention.Select(sample => sample.HeadDim).Distinct().Order())
            {
                if (AttentionSurface.Fit(attention, phase, 16, width, 0, Source, $"{phase} attention, 16-bit cache, heads of {width}, {Engine}".ToLowerInvariant(), fewest: FewestCalls) is not { } fitted)
                    continue;
                terms.Add(fitted.Term);
                errors.Add(fitted.Error);
            }
        }

        if (terms.Select(term => term.Phase).Distinct().Count() < 2)
            throw new CalibrationException($"{found}: too few calls of prompts or of decoding alone; both are needed.");
        InEngineTables whole = tables.MinBy(table => table.Tensor)!;
        (MixedAttentionTerm mixed, FitError mixedError) = MixedAttentionSurface.Fit(whole.Attention, Source, $"attention of prompts and decoding at once, {Engine}");
        errors.Add(mixedError);
        EngineBehaviour behaviour = EngineFile.Shipped.First(known => known.Name == Engine);
        return new HardwareProfile
        {
            Name = device.ToLowerInvariant(),
            MemoryBytes = facts.MemoryBytes,
            MemoryBytesPerSecond = facts.MemoryBytesPerSecond,
            Power = PowerFit.Scaled(folder, facts.TdpWatts),
            HostLink = new HostLinkTerm(HostLinkShare * facts.HostBytesPerSecond, HostCopySeconds, Provenance.Analytic, "0.78 of PCIe and 2.2 us a copy: vLLM blog 2026-01-08, H100"),
            HopSeconds = facts.HopSeconds,
            PeerBytesPerSecond = HostLinkShare * facts.PeerBytesPerSecond,
            Engines =
            [
                new EngineKernels
                {
                    Name = Engine,
                    Version = "0.19.0",
                    Gemm = [gemm],
                    Experts = [],
                    Attention = terms,
                    Mixed = mixed,
                    Raggedness = Raggedness,
                    Collectives = [],
                    Overheads = Overheads(whole, behaviour),
                    Schedule = behaviour.Schedule,
                    FrontEnd = FrontEnd.Instant with { Source = "none: times are those of the engine's core" },
                },
            ],
            Errors = errors,
            Sources = [$"memory, bandwidth, power limit, PCIe: NVIDIA's data sheet", "no collectives were timed: tensor parallelism is not offered"],
        };
    }

    /// <summary>Calls with prompts alone or decoding alone. A chunk after few cached tokens counts as the whole prompt with as many query–key pairs.</summary>
    private static IEnumerable<AttentionSample> Alone(InEngineTables table)
    {
        foreach (AttentionCall call in table.Attention)
        {
            if (call.Chunk == 0)
                yield return new AttentionSample(AttentionPhase.Decode, call.Sequences, call.Cached, table.Heads, table.KvHeads, table.Model.HeadDim, 0, 16, call.Seconds);
            else if (call.Sequences == 0 && call.Before <= call.Chunk / 8)
                yield return new AttentionSample(AttentionPhase.Prefill, 1, (int)Math.Round(Math.Sqrt(call.Chunk * (call.Chunk + (2.0 * call.Before)))), table.Heads, table.KvHeads, table.Model.HeadDim, 0, 16, call.Seconds);
        }
    }

    /// <summary>Small kernels as timed; host time is hidden behind them, because the engine prepares a step while the one before runs.</summary>
    private static EngineOverheads Overheads(InEngineTables table, EngineBehaviour behaviour)
    {
        (IReadOnlyList<(int Tokens, double Seconds)> small, double bytes) = table.Small();
        (double once, double perToken, double perSequence) = table.Once();
        double floor = small[0].Seconds;
        double rate = bytes * small[^1].Tokens / (small[^1].Seconds - floor);
        return new EngineOverheads(once, perSequence, perToken, floor, behaviour.EagerLayerSeconds, 0, rate,
            "embedding, norms, activation and sampler as timed; the host's own time is hidden behind kernels by asynchronous scheduling (vLLM 0.14 on); launching outside graphs: configs/engines/vllm.json");
    }
}
