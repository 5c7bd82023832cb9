using Tuner.Env.Costs;

namespace Tuner.Env.Scenarios;

public sealed class ModelFileTests
{
    private static readonly string Good = ShippedConfig.Read("models", "llama-3.1-8b")!;

    [TestCase("\"hidden_size\": ", "\"hidden_size\": \"4096\", \"x\": ", "model mine: \"hidden_size\" is \"4096\"; expected a whole number.")]
    [TestCase("\"hidden_size\": ", "\"hidden_size\": 40.5, \"x\": ", "model mine: \"hidden_size\" is 40.5; expected a whole number.")]
    [TestCase("\"hidden_size\": ", "\"hidden_size\": 0, \"x\": ", "model mine: \"hidden_size\" is 0; expected a whole number above 0.")]
    [TestCase("\"hidden_size\": ", "\"hidden_size\": null, \"x\": ", "model mine: \"hidden_size\" is missing; a Hugging Face config.json has it.")]
    [TestCase("{", "[{", "model mine: line ")]
    public void Parse_SomethingWrong_SaysSoInOneSentence(string good, string bad, string expected)
    {
        Assert.That(Good, Does.Contain(good));
        string message = Assert.Throws<ScenarioFormatException>(() => ModelFile.Parse("mine", Good.Replace(good, bad, StringComparison.Ordinal)))!.Message;
        Assert.That(message, Does.StartWith(expected));
        Assert.That(message, Does.Not.Match("System|Path:|LineNumber"));
    }

    // What the published files of each family say of their experts, the rest of the file left out.
    [TestCase("mixtral", """{"num_local_experts": 8, "num_experts_per_tok": 2, "intermediate_size": 14336, "sliding_window": null}""", 8, 2, 14336, 0, 0)]
    [TestCase("gpt-oss", """{"num_local_experts": 128, "experts_per_token": 4, "intermediate_size": 2880, "sliding_window": 128}""", 128, 4, 2880, 0, 0)]
    [TestCase("deepseek-v3", """{"n_routed_experts": 256, "num_experts_per_tok": 8, "n_shared_experts": 1, "first_k_dense_replace": 3, "moe_layer_freq": 1, "moe_intermediate_size": 2048, "intermediate_size": 18432}""", 256, 8, 2048, 2048, 3)]
    [TestCase("qwen3-moe", """{"num_experts": 128, "num_experts_per_tok": 8, "moe_intermediate_size": 768, "intermediate_size": 6144, "decoder_sparse_step": 1, "mlp_only_layers": [0, 5]}""", 128, 8, 768, 0, 2)]
    [TestCase("qwen2-moe", """{"num_experts": 60, "num_experts_per_tok": 4, "moe_intermediate_size": 1408, "shared_expert_intermediate_size": 5632, "intermediate_size": 5632, "decoder_sparse_step": 2}""", 60, 4, 1408, 5632, 6)]
    [TestCase("minimax-m2", """{"num_local_experts": 256, "num_experts_per_tok": 8, "intermediate_size": 1536}""", 256, 8, 1536, 0, 0)]
    public void Parse_AFamilyOfMixtures_FindsItsExperts(string name, string family, int experts, int active, int width, int shared, int dense)
    {
        ModelSpec model = ModelFile.Parse(name, Config(family));

        Assert.That(
            (model.Experts, model.ActiveExperts, model.IntermediateSize, model.SharedIntermediateSize, model.DenseLayers),
            Is.EqualTo((experts, active, width, shared, dense)));
    }

    [Test]
    public void Parse_LayerKinds_CountsThoseWithAWindow()
    {
        ModelSpec model = ModelFile.Parse("mine", Config("""{"intermediate_size": 100, "sliding_window": 128, "layer_types": ["sliding_attention", "full_attention", "sliding_attention", "full_attention", "full_attention", "full_attention", "full_attention", "full_attention", "full_attention", "full_attention", "full_attention", "full_attention"]}"""));

        Assert.Multiple(() =>
        {
            Assert.That((model.Window, model.WindowLayers), Is.EqualTo((128, 2)));
            Assert.That(model.KvElementsPerToken, Is.EqualTo(10 * model.KvElementsPerLayer));
            Assert.That(ModelFile.Parse("mine", Config("""{"intermediate_size": 100, "sliding_window": 4096}""")).WindowLayers, Is.Zero, "a width alone turns nothing on");
        });
    }

    [Test]
    public void Parse_TextPartOfAModelWithPictures_IsRead()
        => Assert.That(ModelFile.Parse("mine", $$"""{"vision_config": {}, "text_config": {{Good}}}""").HiddenSize, Is.EqualTo(4096));

    [TestCase("""{"num_local_experts": 4, "num_experts_per_tok": 8, "intermediate_size": 100}""", "model mine: \"num_experts_per_tok\" is 8; expected at most its 4 experts.")]
    [TestCase("""{"n_routed_experts": 4, "first_k_dense_replace": 12, "intermediate_size": 100}""", "model mine: all 12 layers are dense, yet it has experts.")]
    [TestCase("""{"kv_lora_rank": 512, "intermediate_size": 100}""", "model mine: \"qk_rope_head_dim\" is missing; a Hugging Face config.json has it.")]
    public void Parse_AMixtureThatCannotBe_SaysSo(string family, string expected)
        => Assert.That(() => ModelFile.Parse("mine", Config(family)), Throws.TypeOf<ScenarioFormatException>().With.Message.EqualTo(expected));

    // Total parameters as their publishers state them, in billions.
    [TestCase("mixtral-8x7b", 46.7)]
    [TestCase("gpt-oss-120b", 116.8)]
    [TestCase("gpt-oss-20b", 20.9)]
    [TestCase("deepseek-r1", 671)]
    [TestCase("minimax-m2.5", 229)]
    [TestCase("qwen3-30b-a3b", 30.5)]
    [TestCase("qwen3-235b-a22b", 235)]
    [TestCase("llama-2-7b", 6.74)]
    [TestCase("qwen3-8b", 8.2)]
    public void Weights_AShippedModel_AreThosePublished(string name, double billions)
        => Assert.That(ProfileCatalog.Model(name).Weights / 1e9, Is.EqualTo(billions).Within(1).Percent);

    [Test]
    public void Parse_DeepSeekR1_KeepsOneCompressedVectorAToken()
        => Assert.That(ProfileCatalog.Model("deepseek-r1").KvElementsPerToken, Is.EqualTo(61 * 576));

    private static string Config(string family)
    {
        const string Common = """{"num_hidden_layers": 12, "hidden_size": 1024, "num_attention_heads": 8, "num_key_value_heads": 2, "head_dim": 128, "vocab_size": 1000, """;
        return Common + family.TrimStart()[1..];
    }

    [Test]
    public void Parse_AList_SaysWhatAModelIs()
        => Assert.That(() => ModelFile.Parse("mine", "[]"), Throws.TypeOf<ScenarioFormatException>().With.Message.EqualTo("model mine: not a JSON object; a Hugging Face config.json is one."));
}
