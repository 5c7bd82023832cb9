namespace Tuner.Env.Traffic;

public sealed class EngineRunNotesTests
{
    private string file = "";

    [SetUp]
    public void NameFile() => file = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():n}.json");

    [TearDown]
    public void DeleteFile() => File.Delete(file);

    [Test]
    public void Notes_OfAnEarlierRun_HoldWhatTheEngineWasTold()
        => Assert.That(
            Read("""{"engine_kwargs": {"model": "meta-llama/Llama-3.1-8B", "tensor_parallel_size": 2, "data_parallel_size": 1, "enable_expert_parallel": false, "max_num_seqs": 64, "max_num_batched_tokens": 4096, "max_model_len": null, "dtype": "bfloat16", "kv_cache_dtype": "auto"}}"""),
            Is.EqualTo(new EngineRunNotes("meta-llama/Llama-3.1-8B", 64, 4096, null, true, null, 2, 1, false)));

    [Test]
    public void Notes_OfALaterRun_HoldWhatTheEngineMadeOfIt()
    {
        EngineRunNotes notes = Read("""{"engine_kwargs": {"max_num_seqs": null, "dtype": "auto", "kv_cache_dtype": "fp8_e4m3"}, "kv_cache": {"num_gpu_blocks": 100, "block_size": 16}, "resolved_config": {"scheduler_config": {"max_num_seqs": 256}, "model_config": {"dtype": "torch.bfloat16", "max_model_len": 8192}}}""");
        Assert.That(notes, Is.EqualTo(new EngineRunNotes(MaxSequences: 256, MaxSequenceTokens: 8192, SixteenBitWeights: true, EightBitKv: true, KvCacheTokens: 1600)));
    }

    [Test]
    public void Notes_OfAQuantisedCheckpoint_SayNothingOfWeights()
        => Assert.That(Read("""{"engine_kwargs": {"model": "RedHatAI/Llama-3.1-8B-FP8", "dtype": "bfloat16"}}""").SixteenBitWeights, Is.Null);

    [TestCase("""{"engine_kwargs": {"max_num_seqs": "many"}}""", "engine_kwargs.max_num_seqs is \"many\"")]
    [TestCase("""{"engine_kwargs": {"tensor_parallel_size": 0}}""", "tensor_parallel_size is 0")]
    [TestCase("""{"engine_kwargs": """, "not valid JSON")]
    [TestCase("[]", "not a JSON object")]
    public void Notes_ThatAreNone_AreRefusedInOneSentence(string json, string said)
        => Assert.That(() => Read(json), Throws.TypeOf<TrafficFormatException>().With.Message.Contains(said));

    private EngineRunNotes Read(string json)
    {
        File.WriteAllText(file, json);
        return EngineRunNotes.Read(file);
    }
}
