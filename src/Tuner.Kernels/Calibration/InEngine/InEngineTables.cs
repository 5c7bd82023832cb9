using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration.Published;
using Tuner.Kernels.Calibration.Samples;

namespace Tuner.Kernels.Calibration.InEngine;

/// <summary>Kernels of one model timed inside a running engine, in the layout of casys-kaist/LLMServingSim: <c>llmservingsim/profiler/perf/GPU/MODEL/bf16/tpN</c>.</summary>
/// <remarks>
/// One layer of the model is loaded, with the widths a GPU has under tensor parallelism N, and its modules are timed by the GPU's own events.
/// <c>dense.csv</c> holds modules by tokens, <c>per_sequence.csv</c> output head and sampler by sequences, <c>attention.csv</c> attention of
/// steps that hold one prompt chunk (<c>prefill_chunk</c> after <c>kv_prefill</c> cached tokens) and <c>n_decode</c> sequences with
/// <c>kv_decode</c> cached tokens each.
/// </remarks>
internal sealed class InEngineTables
{
    private const string SmallKernels = "layernorm,layernorm,rotary_emb,act_fn"; // of a layer: two norms

    private readonly Table dense;
    private readonly Table perSequence;

    private InEngineTables(string model, int tensor, string folder)
    {
        Model = Known(model);
        Tensor = tensor;
        dense = TableFile.Read(Path.Combine(folder, "dense"));
        perSequence = TableFile.Read(Path.Combine(folder, "per_sequence"));
        Attention = [.. Calls(TableFile.Read(Path.Combine(folder, "attention")))];
    }

    /// <summary>The model whose layer was timed.</summary>
    public ModelSpec Model { get; }

    /// <summary>GPUs the layer was split over.</summary>
    public int Tensor { get; }

    /// <summary>Query heads on a GPU.</summary>
    public int Heads => Model.AttentionHeads / Tensor;

    /// <summary>KV heads on a GPU.</summary>
    public int KvHeads => Math.Max(1, Model.KvHeads / Tensor);

    /// <summary>Every attention call.</summary>
    public IReadOnlyList<AttentionCall> Attention { get; }

    /// <summary>The folder of a GPU's tables; null when there is none.</summary>
    /// <param name="folder">The folder that holds <c>llmservingsim/</c>.</param>
    /// <param name="device">The GPU's short name, in any case.</param>
    public static string? Find(string folder, string device)
    {
        string root = Path.Combine(folder, "llmservingsim", "profiler", "perf");
        return Directory.Exists(root) ? Directory.EnumerateDirectories(root).FirstOrDefault(path => Path.GetFileName(path).Equals(device, StringComparison.OrdinalIgnoreCase)) : null;
    }

    /// <summary>Reads the tables of every dense model and degree of a GPU.</summary>
    /// <param name="folder">What <see cref="Find"/> found.</param>
    public static IReadOnlyList<InEngineTables> Read(string folder)
    {
        var read = new List<InEngineTables>();
        foreach (string degree in Directory.EnumerateDirectories(folder, "tp*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            // MODEL may have its owner's folder before it; mixtures have a table of their own and are left out.
            string model = Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(degree)!)!);
            if (TableFile.Find(Path.Combine(degree, "moe")) is null && int.TryParse(Path.GetFileName(degree).AsSpan(2), out int tensor))
                read.Add(new InEngineTables(model, tensor, degree));
        }

        return read.Count > 0 ? read : throw new CalibrationException($"{folder}: no dense model's tables (MODEL/bf16/tpN) were found.");
    }

    /// <summary>Matrix products: those of the layer, and the output head.</summary>
    public IEnumerable<GemmSample> Products()
    {
        int width = Model.HeadDim;
        foreach ((string layer, int outputs, int inputs) in ((string, int, int)[])
            [
                ("qkv_proj", (Heads + (2 * KvHeads)) * width, Model.HiddenSize),
                ("o_proj", Model.HiddenSize, Heads * width),
                ("gate_up_proj", 2 * Model.IntermediateSize / Tensor, Model.HiddenSize),
                ("down_proj", Model.HiddenSize, Model.IntermediateSize / Tensor),
            ])
        {
            foreach ((int tokens, double seconds) in Times(dense, "tokens", layer))
                yield return new GemmSample(KernelPrecision.Bf16, tokens, outputs, inputs, seconds);
        }

        foreach ((int sequences, double seconds) in Times(perSequence, "sequences", "lm_head"))
            yield return new GemmSample(KernelPrecision.Bf16, sequences, Model.VocabularySize / Tensor, Model.HiddenSize, seconds);
    }

    /// <summary>Norms, rotary embedding and activation of a layer, by tokens, with the bytes they move a token.</summary>
    public (IReadOnlyList<(int Tokens, double Seconds)> Times, double BytesPerToken) Small()
    {
        string[] layers = SmallKernels.Split(',');
        Dictionary<int, double> sums = [];
        foreach (string layer in layers)
        {
            foreach ((int tokens, double seconds) in Times(dense, "tokens", layer))
                sums[tokens] = sums.GetValueOrDefault(tokens) + seconds;
        }

        // As the cost model counts them: two residual norms, rotary embedding, gated activation, in 16 bits, read and written.
        double bytes = 2.0 * ((2 * 4 * Model.HiddenSize) + (2 * (Heads + KvHeads) * Model.HeadDim) + (3.0 * Model.IntermediateSize / Tensor));
        return ([.. sums.OrderBy(each => each.Key).Select(each => (each.Key, each.Value))], bytes);
    }

    /// <summary>What a step adds once: embedding and last norm by tokens, sampler by sequences.</summary>
    public (double Fixed, double PerToken, double PerSequence) Once()
    {
        (int Tokens, double Seconds)[] embedding = [.. Times(dense, "tokens", "embedding")];
        (int Sequences, double Seconds)[] sampler = [.. Times(perSequence, "sequences", "sampler")];
        double norm = Times(dense, "tokens", "final_layernorm").First().Seconds;
        return (
            embedding[0].Seconds + norm + sampler[0].Seconds,
            (embedding[^1].Seconds - embedding[0].Seconds) / (embedding[^1].Tokens - embedding[0].Tokens),
            (sampler[^1].Seconds - sampler[0].Seconds) / (sampler[^1].Sequences - sampler[0].Sequences));
    }

    private static ModelSpec Known(string name)
    {
        try
        {
            return ProfileCatalog.Model(name);
        }
        catch (ScenarioFormatException wrong)
        {
            throw new CalibrationException(wrong.Message, wrong);
        }
    }

    private static IEnumerable<(int Size, double Seconds)> Times(Table table, string by, string layer)
    {
        string[] layers = table.Text("layer");
        int[] sizes = table.Integers(by);
        double[] microseconds = table.Numbers("time_us");
        return Enumerable.Range(0, table.Rows).Where(row => layers[row] == layer).OrderBy(row => sizes[row]).Select(row => (sizes[row], microseconds[row] * 1e-6));
    }

    private static IEnumerable<AttentionCall> Calls(Table table)
    {
        int[] chunk = table.Integers("prefill_chunk");
        int[] before = table.Integers("kv_prefill");
        int[] sequences = table.Integers("n_decode");
        int[] cached = table.Integers("kv_decode");
        double[] microseconds = table.Numbers("time_us");
        for (int row = 0; row < table.Rows; row++)
            yield return new AttentionCall(chunk[row], before[row], sequences[row], cached[row], microseconds[row] * 1e-6);
    }
}
