using MathNet.Numerics.Statistics;
using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Samples;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>Turns published kernel tables into the hardware profile of a GPU.</summary>
public static class PublishedCalibration
{
    /// <summary>NVFP4 and 4-bit weights with 16-bit scales of 32: 4 bits and one scale, rounded to NVFP4's 8 bits per 16 weights.</summary>
    private const double Fp4BytesPerWeight = 0.5625;

    /// <summary>Calibrates a GPU for one engine's kernels.</summary>
    /// <param name="folder">The folder that holds <c>aiconfigurator/</c>.</param>
    /// <param name="device">The GPU's short name.</param>
    /// <param name="engine">Whose kernels: <c>vllm</c> or <c>trtllm</c>.</param>
    /// <exception cref="CalibrationException">A table or data sheet is missing, malformed or too small.</exception>
    public static HardwareProfile Run(string folder, string device, string engine)
    {
        DeviceFacts facts = DeviceFacts.Read(folder, device);
        KernelMeasurements kernels = PublishedTables.Read(folder, device, engine);
        string source = $"fitted to {kernels.Engine} kernel tables of {kernels.Source}";
        var errors = new List<FitError>();
        GemmFit bf16 = Fit(KernelPrecision.Bf16, 2);
        GemmFit fp8 = Fit(KernelPrecision.Fp8, 1);
        GemmFit fp4 = kernels.Gemm.Any(sample => sample.Precision == KernelPrecision.NvFp4)
            ? Fit(KernelPrecision.NvFp4, Fp4BytesPerWeight)
            : WeightOnly(folder, bf16);
        (AttentionFit attention, IReadOnlyList<FitError> attentionErrors) = RooflineFit.Attention(kernels.Attention, source);
        (IReadOnlyList<CollectiveFit> allReduce, IReadOnlyList<FitError> reduceErrors) = RooflineFit.AllReduce(kernels.Collectives);
        (double memoryBoundWatts, string powerSource) = MemoryBoundWatts(folder, device, facts);
        return new HardwareProfile
        {
            Name = device,
            MemoryBytes = facts.MemoryBytes,
            TdpWatts = facts.TdpWatts,
            IdleWatts = Math.Round(IdleShare * facts.TdpWatts),
            MemoryBoundWatts = memoryBoundWatts,
            Fp8 = fp8,
            Fp4 = fp4,
            Bf16 = bf16,
            Attention = attention,
            AllReduce = allReduce,
            HopSeconds = facts.HopSeconds,
            PeerBytesPerSecond = 0.9 * facts.PeerBytesPerSecond,
            StepOverheadSeconds = 126e-6,
            SequenceOverheadSeconds = 4e-6,
            LayerOverheadSeconds = ElementwiseSeconds,
            Errors = [.. errors, .. attentionErrors, .. reduceErrors],
            Sources =
            [
                $"memory, power limit, link and hop latency: aiconfigurator systems/{device}_sxm.yaml; 0.9 of the link is reached (estimate)",
                powerSource,
                "idle power: 13 % of the limit (estimate)",
                "step and sequence overhead: BLIS trained coefficients, 126 us a step and 4 us a request (inference-sim f90a1e3, defaults.yaml)",
                "layer overhead: two norms, rotary embedding and activation of Llama-3.1-8B at 8 tokens on an RTX PRO 6000, vLLM 0.19 (casys-kaist/LLMServingSim 5daddb2, dense.csv)",
            ],
        };

        GemmFit Fit(KernelPrecision precision, double bytesPerWeight)
        {
            (GemmFit fit, FitError error) = RooflineFit.Gemm(kernels.Gemm, precision, bytesPerWeight, source);
            errors.Add(error);
            return fit;
        }
    }

    /// <summary>Idle share of the power limit with weights loaded: an estimate, no table has it.</summary>
    private const double IdleShare = 0.13;

    /// <summary>2 × 2.43 + 2.84 + 2.97 µs: layernorm twice, rotary_emb and act_fn at 8 tokens in the LLMServingSim table.</summary>
    private const double ElementwiseSeconds = 10.7e-6;

    /// <summary>4-bit weights with 16-bit arithmetic, for GPUs without 4-bit units and without a table of their own.</summary>
    /// <remarks>
    /// A100 tables hold both formats. What 4-bit weights reach there, as a share of what 16-bit products reach, is carried over to the
    /// GPU at hand. That dequantisation need not slow large products on Hopper either is the claim of the Machete kernel ("matches
    /// compute-bound performance" of 16 bits; Neural Magic, 2024).
    /// </remarks>
    private static GemmFit WeightOnly(string folder, GemmFit bf16)
    {
        KernelMeasurements a100 = PublishedTables.ReadGemm(folder, "a100", "trtllm");
        (GemmFit reference, _) = RooflineFit.Gemm(a100.Gemm, KernelPrecision.Bf16, 2, "");
        (GemmFit packed, _) = RooflineFit.Gemm(a100.Gemm, KernelPrecision.Int4WeightOnly, Fp4BytesPerWeight, "");
        double arithmetic = packed.FlopsPerSecond / reference.FlopsPerSecond;
        double bandwidth = packed.BytesPerSecond / reference.BytesPerSecond;
        return new GemmFit(
            arithmetic * bf16.FlopsPerSecond,
            bandwidth * bf16.BytesPerSecond,
            packed.OverheadSeconds / reference.OverheadSeconds * bf16.OverheadSeconds,
            Fp4BytesPerWeight,
            $"analytic: this GPU's 16-bit fit times what 4-bit weights reach on A100 ({arithmetic:0.00} of the arithmetic, {bandwidth:0.00} of the bandwidth, {a100.Engine} tables)");
    }

    private static (double Watts, string Source) MemoryBoundWatts(string folder, string device, DeviceFacts facts)
    {
        string measuredOn = PublishedTables.HasPower(folder, device) ? device : "h200";
        KernelMeasurements power = PublishedTables.ReadPower(folder, measuredOn);
        double share = facts.TdpWatts / DeviceFacts.Read(folder, measuredOn).TdpWatts;
        double products = power.Gemm.Where(sample => sample.Rows <= 16 && (long)sample.Outputs * sample.Inputs >= 1 << 26).Select(sample => sample.Watts!.Value).Median();
        double attention = power.Attention.Where(sample => sample.Phase == AttentionPhase.Decode && (long)sample.Batch * sample.Tokens * sample.KvHeads >= 2_000_000).Select(sample => sample.Watts!.Value).Median();
        double watts = Math.Round(share * (products + attention) / 2);
        return (watts, $"power while streaming memory: mean of {products:0} W (products of at most 16 rows) and {attention:0} W (decode attention), {power.Engine} tables of {measuredOn}");
    }
}
