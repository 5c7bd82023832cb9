using System.Text.Json;
using Tuner.Engines.CommandLines;
using Tuner.Policy.Knobs;

namespace Tuner.Engines.Tests;

public sealed class EngineFlagsTests
{
    private static readonly KnobSettings All = new(ParallelismMode.Hybrid, PrecisionMode.Fp8Fp4, 1, 0, true, true, 1, false);

    [Test]
    public void Vllm_EverythingTurned_IsWritten()
    {
        EngineCommandLine line = new VllmFlags(Example.Setup("--port", "8000")).Write(All);

        string[] expected =
        [
            "serve", "llama-fp4", "--tensor-parallel-size", "2", "--pipeline-parallel-size", "2", "--data-parallel-size", "1", "--max-num-seqs", "128",
            "--max-num-batched-tokens", "4096", "--kv-cache-dtype", "fp8", "--enable-prefix-caching", "--speculative-config",
        ];
        Assert.That(line.Arguments.Take(expected.Length), Is.EqualTo(expected));
        using JsonDocument speculation = JsonDocument.Parse(line.Arguments[expected.Length]);
        Assert.That(speculation.RootElement.GetProperty("method").GetString(), Is.EqualTo("eagle3"));
        Assert.That(speculation.RootElement.GetProperty("model").GetString(), Is.EqualTo("eagle \"x\""));
        Assert.That(speculation.RootElement.GetProperty("num_speculative_tokens").GetInt32(), Is.EqualTo(5));
        Assert.That(line.Arguments.TakeLast(2), Is.EqualTo(new[] { "--port", "8000" }));
    }

    [Test]
    public void Sglang_EverythingTurned_IsWritten()
    {
        EngineCommandLine line = new SglangFlags(Example.Setup() with { PrefixCaching = false }).Write(All with { DraftLevel = 0 });

        Assert.That(line.Arguments, Is.EqualTo(new[]
        {
            "-m", "sglang.launch_server", "--model-path", "llama-fp4", "--tp-size", "2", "--pp-size", "2", "--dp-size", "1", "--max-running-requests", "128",
            "--chunked-prefill-size", "4096", "--kv-cache-dtype", "fp8_e4m3", "--enable-metrics", "--disable-radix-cache", "--speculative-algorithm", "STANDALONE",
            "--speculative-draft-model-path", "llama-1b", "--speculative-num-steps", "3", "--speculative-eagle-topk", "1", "--speculative-num-draft-tokens", "4",
        }));
    }

    [Test]
    public void TensorRtLlm_EverythingTurned_IsWrittenInTwoPlaces()
    {
        EngineCommandLine line = new TensorRtLlmFlags(Example.Setup()).Write(All with { DraftLevel = 0, BatchWaitLevel = 1 });

        Assert.That(line.Arguments, Is.EqualTo(new[] { "llama-fp4", "--tp_size", "2", "--pp_size", "2", "--max_batch_size", "128", "--max_num_tokens", "4096" }));
        Assert.That(line.ConfigFlag, Is.EqualTo("--config"));
        Assert.That(line.ConfigText, Is.EqualTo("""
            return_perf_metrics: true
            enable_iter_perf_stats: true
            kv_cache_config:
              dtype: fp8
              enable_block_reuse: true
            batch_wait_timeout_ms: 20
            speculative_config:
              decoding_type: Draft_Target
              max_draft_len: 3
              speculative_model: "llama-1b"

            """));
    }

    [Test]
    public void Capabilities_WhatAnEngineOrASetUpCannot_IsMasked()
    {
        KnobCapabilities vllm = new VllmFlags(Example.Setup()).CapabilitiesBy(KnobCapability.Restart);
        KnobCapabilities tensorRt = new TensorRtLlmFlags(Example.Setup() with { Drafts = [] }).CapabilitiesBy(KnobCapability.Restart);

        Assert.That((vllm[Knob.BatchWait], vllm[Knob.KvPrefetch], vllm[Knob.Parallelism]), Is.EqualTo((KnobCapability.None, KnobCapability.None, KnobCapability.Restart)));
        Assert.That((tensorRt[Knob.BatchWait], tensorRt[Knob.Speculation], tensorRt[Knob.Draft]), Is.EqualTo((KnobCapability.Restart, KnobCapability.None, KnobCapability.None)));
    }

    [Test]
    public void Supports_SettingsWithoutLayoutFlagOrDraft_AreNot()
    {
        var flags = new VllmFlags(Example.Setup() with { Drafts = [] });

        Assert.That(flags.Supports(Example.First), Is.True);
        Assert.That(flags.Supports(Example.First with { Parallelism = ParallelismMode.Single }), Is.False);
        Assert.That(flags.Supports(Example.First with { Speculation = true }), Is.False);
        Assert.That(flags.Supports(Example.First with { BatchWaitLevel = 1 }), Is.False);
        Assert.That(flags.Supports(Example.First with { KvPrefetch = true }), Is.False);
        Assert.Throws<ArgumentException>(() => flags.Write(Example.First with { KvPrefetch = true }));
    }
}
