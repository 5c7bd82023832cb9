using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration.Samples;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>Turns published kernel tables into the hardware profile of a GPU.</summary>
public static class PublishedCalibration
{
    /// <summary>NVFP4: 4 bits and one 8-bit scale for 16 weights (NVIDIA, "Introducing NVFP4", 2025).</summary>
    private const double Fp4BytesPerWeight = 0.5625;

    /// <summary>vLLM's blog of 2026-01-08 measured 50 GB/s of the 64 that PCIe 5 has, by DMA in blocks of 2 MB.</summary>
    private const double HostLinkShare = 0.78;

    /// <summary>PCIe 5, 16 lanes: what the x86 hosts of these boards offer, B200's too (NVIDIA, DGX B200 user guide: Xeon 8570).</summary>
    private const double HostBytesPerSecond = 64e9;

    /// <summary>
    /// The same blog: blocks of 32 KB took 4 to 5 times as long as blocks of 2 MB a byte; 32 KB at 50 GB/s are 0.65 us, so a copy adds about 2.2.
    /// </summary>
    private const double HostCopySeconds = 2.2e-6;

    /// <summary>Vidur's H100 table: mlp_act of Llama-2-70B at 4096 tokens moves 3 × 4096 × 28672 × 2 B in 0.361 ms, 0.58 of the memory's bandwidth.</summary>
    private const double ElementwiseShare = 0.58;

    /// <summary>Width of a head and sliding window of the models served; gpt-oss has the window.</summary>
    private static readonly (int HeadDim, int Window)[] Kernels = [(64, 0), (128, 0), (64, 128)];

    /// <summary>Formats experts were measured in, with the bytes a weight takes. 4-bit ones of 32 have a one-byte scale, or a two-byte one for 32 in compressed-tensors' groups.</summary>
    private static readonly (KernelPrecision Precision, double BytesPerWeight)[] ExpertFormats =
    [
        (KernelPrecision.Bf16, 2),
        (KernelPrecision.Fp8, 1),
        (KernelPrecision.Fp8Block, 1),
        (KernelPrecision.NvFp4, Fp4BytesPerWeight),
        (KernelPrecision.MxFp4, 0.53125),
        (KernelPrecision.Int4WeightOnly, 0.5625),
    ];

    /// <summary>The engine whose tables hold products of 8-bit integers.</summary>
    private const string EightBitIntegers = "trtllm";

    /// <summary>Calibrates a GPU.</summary>
    /// <param name="folder">The folder that holds <c>aiconfigurator/</c>.</param>
    /// <param name="device">The GPU's short name.</param>
    /// <param name="leftOut">Receives a term's label and the errors of its calls left out, as log(predicted / measured).</param>
    /// <exception cref="CalibrationException">A table or data sheet is missing, malformed or too small.</exception>
    public static HardwareProfile Run(string folder, string device, Action<string, double[]>? leftOut = null)
    {
        DeviceFacts facts = DeviceFacts.Read(folder, device);
        var errors = new List<FitError>();
        EngineKernels[] engines = [.. PublishedTables.Engines(folder, device).Select(engine => Engine(folder, facts, PublishedTables.Read(folder, device, engine), errors, leftOut))];
        (PowerTerm power, FitError? powerError) = PowerFit.Run(folder, device);
        if (powerError is not null)
            errors.Add(powerError);
        return new HardwareProfile
        {
            Name = device,
            MemoryBytes = facts.MemoryBytes,
            MemoryBytesPerSecond = facts.MemoryBytesPerSecond,
            Power = power,
            HostLink = new HostLinkTerm(
                HostLinkShare * Math.Min(HostBytesPerSecond, facts.HostBytesPerSecond),
                HostCopySeconds,
                Provenance.Analytic,
                "0.78 of the host's PCIe (at most generation 5) and 2.2 us a copy: vLLM blog 2026-01-08, H100"),
            HopSeconds = facts.HopSeconds,
            PeerBytesPerSecond = 0.9 * facts.PeerBytesPerSecond,
            Engines = engines,
            Borrowers = [.. EngineFile.Shipped.Where(behaviour => engines.All(engine => engine.Name != behaviour.Name))],
            Errors = errors,
            Sources =
            [
                "elementwise bandwidth: vidur 7d47513, H100, mlp_act",
                $"memory, power limit, link and hop latency: aiconfigurator systems/{device}_sxm.yaml; 0.9 of the link is reached (estimate)",
                "messages between two GPUs of a node: vidur 7d47513, send_recv of A100 and H100; H200 and B200 take H100's, scaled by the links' bandwidth",
            ],
        };
    }

    private static EngineKernels Engine(string folder, DeviceFacts facts, KernelMeasurements kernels, List<FitError> errors, Action<string, double[]>? leftOut)
    {
        string[] name = kernels.Engine.Split(' ', 2);
        string source = $"{kernels.Engine} kernel tables of {kernels.Source}";
        var gemm = new List<GemmTerm>();
        Add(KernelPrecision.Bf16, 2);
        Add(KernelPrecision.Fp8, 1);
        Add(KernelPrecision.Fp8Block, 1);
        Add(KernelPrecision.NvFp4, Fp4BytesPerWeight);
        if (gemm.All(term => term.Precision != KernelPrecision.Fp8) && PublishedTables.HasGemm(folder, kernels.Device, EightBitIntegers))
            AddIntegers(PublishedTables.ReadGemm(folder, kernels.Device, EightBitIntegers));
        if (gemm.All(term => term.Precision != KernelPrecision.NvFp4))
            gemm.Add(WeightOnly(folder, gemm[0].Roofline));
        var experts = new List<ExpertTerm>();
        foreach ((KernelPrecision precision, double bytesPerWeight) in ExpertFormats)
        {
            if (ExpertSurface.Fit(kernels.Experts, precision, bytesPerWeight, source, $"experts {precision}, {name[0]}".ToLowerInvariant(), leftOut) is not { } fitted)
                continue;
            experts.Add(fitted.Term);
            errors.AddRange(fitted.Errors);
        }

        var attention = new List<AttentionTerm>();
        foreach (AttentionPhase phase in Enum.GetValues<AttentionPhase>())
        {
            foreach (int bits in (int[])[16, 8])
            {
                foreach ((int width, int window) in Kernels)
                {
                    string label = $"{phase} attention, {bits}-bit cache, heads of {width}{(window > 0 ? $", window {window}" : "")}, {name[0]}".ToLowerInvariant();
                    if (AttentionSurface.Fit(kernels.Attention, phase, bits, width, window, source, label, leftOut) is { } fitted)
                    {
                        attention.Add(fitted.Term);
                        errors.Add(fitted.Error);
                    }
                }
            }
        }

        (IReadOnlyList<CollectiveTerm> collectives, IReadOnlyList<FitError> collectiveErrors) = CollectiveSurface.Fit(kernels.Collectives, name[0], leftOut);
        errors.AddRange(collectiveErrors);
        CollectiveTerm? send = PointToPoint.Run(folder, kernels.Device);
        EngineBehaviour behaviour = EngineFile.Shipped.FirstOrDefault(known => known.Name == name[0])
            ?? throw new CalibrationException($"configs/engines has no {name[0]}.json: what the engine adds to its kernels is not known.");
        var kernelsOnly = new EngineKernels
        {
            Name = name[0],
            Version = name[1],
            Gemm = gemm,
            Experts = experts,
            Attention = attention,
            Collectives = send is null ? collectives : [.. collectives, send],
            Overheads = new EngineOverheads(0, 0, 0, 0, 0, 0, ElementwiseShare * facts.MemoryBytesPerSecond, ""),
        };
        return behaviour.On(kernelsOnly);

        // A GPU without 8-bit floating point computes 8-bit products in integers, whatever the engine.
        void AddIntegers(KernelMeasurements other)
        {
            if (other.Gemm.All(sample => sample.Precision != KernelPrecision.Int8))
                return;
            (GemmTerm term, FitError error) = GemmSurface.Fit(other.Gemm, KernelPrecision.Int8, 1, $"{other.Engine} kernel tables of {other.Source}", $"gemm {KernelPrecision.Int8}, {other.Engine.Split(' ')[0]}'s".ToLowerInvariant());
            gemm.Add(term);
            errors.Add(error);
        }

        void Add(KernelPrecision precision, double bytesPerWeight)
        {
            if (kernels.Gemm.All(sample => sample.Precision != precision))
                return;
            (GemmTerm term, FitError error) = GemmSurface.Fit(kernels.Gemm, precision, bytesPerWeight, source, $"gemm {precision}, {name[0]}".ToLowerInvariant(), leftOut);
            gemm.Add(term);
            errors.Add(error);
        }
    }

    /// <summary>4-bit weights with 16-bit arithmetic, for GPUs without 4-bit units and without a table of their own.</summary>
    /// <remarks>
    /// A100 tables hold both formats. What 4-bit weights reach there, as a share of what 16-bit products reach, is carried over to the
    /// GPU at hand. That dequantisation need not slow large products on Hopper either is the claim of the Machete kernel ("matches
    /// compute-bound performance" of 16 bits; Neural Magic, 2024).
    /// </remarks>
    private static GemmTerm WeightOnly(string folder, GemmFit sixteen)
    {
        KernelMeasurements a100 = PublishedTables.ReadGemm(folder, "a100", "trtllm");
        GemmFit reference = RooflineFit.Gemm(a100.Gemm, KernelPrecision.Bf16, 2);
        GemmFit packed = RooflineFit.Gemm(a100.Gemm, KernelPrecision.Int4WeightOnly, Fp4BytesPerWeight);
        double arithmetic = packed.FlopsPerSecond / reference.FlopsPerSecond;
        double bandwidth = packed.BytesPerSecond / reference.BytesPerSecond;
        var roofline = new GemmFit(arithmetic * sixteen.FlopsPerSecond, bandwidth * sixteen.BytesPerSecond, packed.OverheadSeconds / reference.OverheadSeconds * sixteen.OverheadSeconds, Fp4BytesPerWeight);
        return new GemmTerm(
            KernelPrecision.NvFp4,
            Provenance.Analytic,
            roofline,
            null,
            AnalyticSpread,
            $"4-bit weights, 16-bit arithmetic: this GPU's 16-bit roofline times what 4-bit weights reach on A100 ({arithmetic:0.00} of the arithmetic, {bandwidth:0.00} of the bandwidth; {a100.Engine} tables)");
    }

    /// <summary>Nothing was measured to compare with: a band of a third is an estimate.</summary>
    private const double AnalyticSpread = 0.33;
}
