using System.Globalization;
using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Samples;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>Reads aiconfigurator's kernel tables: <c>aiconfigurator/&lt;gpu&gt;/&lt;operation&gt;/&lt;engine&gt;-&lt;version&gt;/*_perf</c>, times in milliseconds.</summary>
public static class PublishedTables
{
    private const string Source = "ai-dynamo/aiconfigurator 095f58a (Apache-2.0)";

    /// <summary>The GPUs that have tables.</summary>
    /// <param name="folder">The folder that holds <c>aiconfigurator/</c>.</param>
    public static IReadOnlyList<string> Devices(string folder) =>
        [.. Directory.EnumerateDirectories(Root(folder)).Where(path => Directory.Exists(Path.Combine(path, "gemm"))).Select(path => ShortName(Path.GetFileName(path))).Order(StringComparer.Ordinal)];

    /// <summary>The engines a GPU has products, attention and collectives of; vLLM first.</summary>
    /// <exception cref="CalibrationException">There are no tables for the GPU.</exception>
    public static IReadOnlyList<string> Engines(string folder, string device)
    {
        string root = DeviceRoot(folder, device);
        return [.. Engines("gemm").Intersect(Engines("attention")).Intersect(Engines("comm")).OrderByDescending(name => name, StringComparer.Ordinal)];

        IEnumerable<string> Engines(string operation) => Directory.EnumerateDirectories(Path.Combine(root, operation)).Select(path => Path.GetFileName(path).Split('-')[0]).Distinct();
    }

    /// <summary>Reads everything measured for a GPU under one engine's kernels, from the newest version of each table.</summary>
    /// <param name="folder">The folder that holds <c>aiconfigurator/</c>.</param>
    /// <param name="device">The GPU's short name, such as <c>h200</c>.</param>
    /// <param name="engine">Whose kernels: <c>vllm</c> or <c>trtllm</c>.</param>
    /// <exception cref="CalibrationException">A table is missing or malformed.</exception>
    public static KernelMeasurements Read(string folder, string device, string engine)
    {
        string root = DeviceRoot(folder, device);
        string gemm = Newest(root, "gemm", engine);
        string attention = Newest(root, "attention", engine);
        string collectives = Newest(root, "comm", engine);
        return new KernelMeasurements
        {
            Device = device,
            Engine = Name(gemm),
            Source = Source,
            Gemm = ReadGemm(Path.Combine(gemm, "gemm_perf")),
            Experts = ReadExperts(root, engine),
            Attention =
            [
                .. ReadAttention(Path.Combine(attention, "context_attention_perf"), AttentionPhase.Prefill),
                .. ReadAttention(Path.Combine(attention, "generation_attention_perf"), AttentionPhase.Decode),
            ],
            Collectives =
            [
                .. ReadAllReduce(Path.Combine(collectives, "custom_allreduce_perf")),
                .. ReadNccl(Path.Combine(Newest(root, "comm", "nccl"), "nccl_perf")),
            ],
        };
    }

    /// <summary>Reads matrix products alone.</summary>
    /// <inheritdoc cref="Read"/>
    public static KernelMeasurements ReadGemm(string folder, string device, string engine)
    {
        string path = Newest(Path.Combine(Root(folder), device + "_sxm"), "gemm", engine);
        return new KernelMeasurements { Device = device, Engine = Name(path), Source = Source, Gemm = ReadGemm(Path.Combine(path, "gemm_perf")) };
    }

    /// <summary>Whether a GPU has a table of an engine's matrix products.</summary>
    public static bool HasGemm(string folder, string device, string engine) =>
        Directory.EnumerateDirectories(Path.Combine(DeviceRoot(folder, device), "gemm"), engine + "-*").Any();

    /// <summary>Whether a GPU has a table that recorded power.</summary>
    public static bool HasPower(string folder, string device) => Directory.Exists(PowerFolder(folder, device, "gemm"));

    /// <summary>Reads the products and decode attention whose power was recorded, 16-bit ones.</summary>
    /// <exception cref="CalibrationException">A table is missing or malformed.</exception>
    public static KernelMeasurements ReadPower(string folder, string device)
    {
        string gemm = PowerFolder(folder, device, "gemm");
        return new KernelMeasurements
        {
            Device = device,
            Engine = Name(gemm),
            Source = Source,
            Gemm = [.. ReadGemm(Path.Combine(gemm, "gemm_perf")).Where(sample => sample.Precision == KernelPrecision.Bf16)],
            Attention = [.. ReadAttention(Path.Combine(PowerFolder(folder, device, "attention"), "generation_attention_perf"), AttentionPhase.Decode).Where(sample => sample.KvBits == 16)],
        };
    }

    private static string PowerFolder(string folder, string device, string operation) =>
        Path.Combine(Root(folder), device + "_sxm", operation, "vllm-0.22.0"); // the one version with a power column

    private static string Name(string path) => Path.GetFileName(path).Replace('-', ' ');

    private static string Root(string folder)
    {
        string root = Path.Combine(folder, "aiconfigurator");
        return Directory.Exists(root) ? root : throw new CalibrationException($"{folder}: a folder 'aiconfigurator' with kernel tables was expected there.");
    }

    private static string DeviceRoot(string folder, string device)
    {
        string root = Path.Combine(Root(folder), device + "_sxm");
        return Directory.Exists(root) ? root : throw new CalibrationException($"There are no tables for '{device}'; there are for {string.Join(", ", Devices(folder))}.");
    }

    private static string ShortName(string folder) => folder.Replace("_sxm", "", StringComparison.Ordinal);

    private static string Newest(string root, string operation, string engine)
    {
        string folder = Path.Combine(root, operation);
        return Directory.EnumerateDirectories(folder, engine + "-*").Max(StringComparer.Ordinal)
            ?? throw new CalibrationException($"{folder}: no table of '{engine}' was found; there are {string.Join(", ", Directory.EnumerateDirectories(folder).Select(Path.GetFileName))}.");
    }

    private static List<GemmSample> ReadGemm(string path)
    {
        Table table = TableFile.Read(path);
        string[] type = table.Text("gemm_dtype");
        int[] rows = table.Integers("m");
        int[] outputs = table.Integers("n");
        int[] inputs = table.Integers("k");
        double[] milliseconds = table.Numbers("latency");
        double[]? watts = table.Has("power") ? table.Numbers("power") : null;
        var samples = new List<GemmSample>(table.Rows);
        for (int i = 0; i < table.Rows; i++)
        {
            if (Precision(type[i]) is { } precision)
                samples.Add(new GemmSample(precision, rows[i], outputs[i], inputs[i], milliseconds[i] / 1000, watts?[i]));
        }

        return samples;
    }

    private static List<ExpertSample> ReadExperts(string root, string engine)
    {
        string folder = Path.Combine(root, "moe");
        if (!Directory.Exists(folder) || !Directory.EnumerateDirectories(folder, engine + "-*").Any())
            return [];
        string path = Path.Combine(Newest(root, "moe", engine), "moe_perf");
        Table table = TableFile.Read(path);
        string[] type = table.Text("moe_dtype");
        int[] rows = table.Integers("num_tokens");
        int[] hidden = table.Integers("hidden_size");
        int[] intermediate = table.Integers("inter_size");
        int[] active = table.Integers("topk");
        int[] experts = table.Integers("num_experts");
        int[] tensor = table.Integers("moe_tp_size");
        int[] ranks = table.Integers("moe_ep_size");
        string[] distribution = table.Text("distribution");
        double[] milliseconds = table.Numbers("latency");
        var samples = new List<ExpertSample>(table.Rows);
        for (int i = 0; i < table.Rows; i++)
        {
            if (Precision(type[i]) is not { } precision)
                continue;
            var layout = new ExpertLayout(hidden[i], (intermediate[i] + tensor[i] - 1) / tensor[i], active[i], experts[i], ranks[i]);
            samples.Add(new ExpertSample(precision, rows[i], intermediate[i], layout, Skew(distribution[i], i), milliseconds[i] / 1000));
        }

        return samples;

        double Skew(string text, int row)
        {
            const string PowerLaw = "power_law_";
            if (text == "balanced")
                return 0;
            return text.StartsWith(PowerLaw, StringComparison.Ordinal) && double.TryParse(text[PowerLaw.Length..], CultureInfo.InvariantCulture, out double exponent)
                ? exponent
                : throw new CalibrationException($"{Path.GetFileName(path)}:{row + 2}: distribution is '{text}'; balanced or power_law_<exponent> was expected.");
        }
    }

    private static KernelPrecision? Precision(string type) => type switch
    {
        "bfloat16" => KernelPrecision.Bf16,
        "fp8" => KernelPrecision.Fp8,
        "fp8_block" => KernelPrecision.Fp8Block,
        "nvfp4" => KernelPrecision.NvFp4,
        "int4_wo" => KernelPrecision.Int4WeightOnly,
        "sq" => KernelPrecision.Int8,
        "w4a16_mxfp4" => KernelPrecision.MxFp4,
        _ => null, // formats no scenario uses
    };

    private static List<AttentionSample> ReadAttention(string path, AttentionPhase phase)
    {
        Table table = TableFile.Read(path);
        int[] batch = table.Integers("batch_size");
        int[] length = table.Integers("isl");
        int[] step = table.Integers("step");
        int[] heads = table.Integers("num_heads");
        int[] kvHeads = table.Integers("num_key_value_heads");
        int[] dim = table.Integers("head_dim");
        int[] window = table.Has("window_size") ? table.Integers("window_size") : new int[table.Rows]; // older tables time full attention only
        string[] type = table.Text("kv_cache_dtype");
        double[] milliseconds = table.Numbers("latency");
        double[]? watts = table.Has("power") ? table.Numbers("power") : null;
        var samples = new List<AttentionSample>(table.Rows);
        for (int i = 0; i < table.Rows; i++)
        {
            int bits = type[i] switch
            {
                "fp8" => 8,
                "bfloat16" or "float16" => 16,
                _ => throw new CalibrationException($"{Path.GetFileName(path)}:{i + 2}: kv_cache_dtype is '{type[i]}'; fp8, float16 or bfloat16 were expected."),
            };
            int tokens = phase == AttentionPhase.Prefill ? length[i] : length[i] + step[i];
            samples.Add(new AttentionSample(phase, batch[i], tokens, heads[i], kvHeads[i], dim[i], window[i], bits, milliseconds[i] / 1000, watts?[i]));
        }

        return samples;
    }

    private static List<CollectiveSample> ReadAllReduce(string path)
    {
        Table table = TableFile.Read(path);
        int[] gpus = table.Integers("num_gpus");
        double[] elements = table.Numbers("message_size");
        double[] milliseconds = table.Numbers("latency");
        string[]? backend = table.Has("backend") ? table.Text("backend") : null;
        var samples = new List<CollectiveSample>(table.Rows);
        for (int i = 0; i < table.Rows; i++)
        {
            bool captured = backend is null || backend[i].EndsWith("graph", StringComparison.Ordinal);
            samples.Add(new CollectiveSample(CollectiveOperation.AllReduce, captured, gpus[i], 2 * (long)elements[i], milliseconds[i] / 1000));
        }

        return samples;
    }

    private static List<CollectiveSample> ReadNccl(string path)
    {
        Table table = TableFile.Read(path);
        string[] operation = table.Text("op_name");
        string[] type = table.Text("nccl_dtype");
        int[] gpus = table.Integers("num_gpus");
        double[] elements = table.Numbers("message_size");
        double[] milliseconds = table.Numbers("latency");
        var samples = new List<CollectiveSample>(table.Rows);
        for (int i = 0; i < table.Rows; i++)
        {
            CollectiveOperation? known = operation[i] switch
            {
                "all_reduce" => CollectiveOperation.NcclAllReduce,
                "all_gather" => CollectiveOperation.AllGather,
                "reduce_scatter" => CollectiveOperation.ReduceScatter,
                "alltoall" => CollectiveOperation.AllToAll,
                _ => null,
            };
            if (known is { } collective)
                samples.Add(new CollectiveSample(collective, false, gpus[i], (type[i] == "half" ? 2 : 1) * (long)elements[i], milliseconds[i] / 1000));
        }

        return samples;
    }
}
