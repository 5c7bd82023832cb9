using System.Text;
using System.Globalization;
using MathNet.Numerics.Statistics;
using Tuner.Env.Costs;
using Tuner.Env.Scenarios;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>Compares a profile with kernels somebody else timed on the same GPU: nothing is fitted to them.</summary>
/// <remarks>
/// <c>llmservingsim/profiler/v0/perf_models/GPU/OWNER/MODEL/tpN/layers</c> of casys-kaist/LLMServingSim 5daddb2 (MIT): modules of Hugging Face's
/// models in 16-bit floating point, launched one by one under PyTorch's profiler, for 1 to 2048 tokens. The attention beside them is FlashAttention 2 that
/// does not split a context over multiprocessors, which no engine decodes with, and is not compared.
/// </remarks>
public static class SecondOpinion
{
    /// <summary>From here on products are bound by arithmetic; below they read weights.</summary>
    private const int ManyTokens = 512;

    private static readonly CompositeFormat TokensRange = CompositeFormat.Parse("{0}, {1} tokens");

    /// <summary>Compares; empty where there are no such tables of the GPU.</summary>
    /// <param name="folder">The folder that holds <c>llmservingsim/</c>.</param>
    /// <param name="profile">The profile.</param>
    /// <exception cref="CalibrationException">A table is malformed, or of a model that is not known.</exception>
    public static IReadOnlyList<KernelRatio> Run(string folder, HardwareProfile profile)
    {
        string root = Path.Combine(folder, "llmservingsim", "profiler", "v0", "perf_models", profile.Name.ToUpperInvariant());
        if (!Directory.Exists(root))
            return [];
        GemmTerm products = profile.Engines[0].Products(KernelPrecision.Bf16);
        var ratios = new Dictionary<string, List<double>>();
        foreach (string degree in Directory.EnumerateDirectories(root, "tp*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (!int.TryParse(Path.GetFileName(degree).AsSpan(2), CultureInfo.InvariantCulture, out int tensor))
                continue;
            ModelSpec model = Known(Path.GetFileName(Path.GetDirectoryName(degree)!));
            if (TableFile.Find(Path.Combine(degree, "layers")) is { } layers)
                Products(TableFile.Read(layers), products, model, tensor, Add);
        }

        return [.. ratios.Select(each => new KernelRatio(each.Key, each.Value.Count, each.Value.Median(), each.Value.Quantile(0.1), each.Value.Quantile(0.9)))];

        void Add(string kernels, double ratio)
        {
            if (!ratios.TryGetValue(kernels, out List<double>? list))
                ratios[kernels] = list = [];
            list.Add(ratio);
        }
    }

    private static void Products(Table table, GemmTerm term, ModelSpec model, int tensor, Action<string, double> add)
    {
        int queries = model.AttentionHeads * model.HeadDim / tensor;
        int keys = model.KvHeads * model.HeadDim / tensor;
        int wide = model.IntermediateSize / tensor;
        Dictionary<string, (string Kind, GemmCurve Curve)> products = new()
        {
            ["q_proj"] = ("query projection", new GemmCurve(term, model.HiddenSize, queries)),
            ["k_proj"] = ("key and value projections", new GemmCurve(term, model.HiddenSize, keys)),
            ["v_proj"] = ("key and value projections", new GemmCurve(term, model.HiddenSize, keys)),
            ["o_proj"] = ("output projection", new GemmCurve(term, queries, model.HiddenSize)),
            ["gate_proj"] = ("gate, up", new GemmCurve(term, model.HiddenSize, wide)),
            ["up_proj"] = ("gate, up", new GemmCurve(term, model.HiddenSize, wide)),
            ["down_proj"] = ("down", new GemmCurve(term, wide, model.HiddenSize)),
            ["lm_head"] = ("output head", new GemmCurve(term, model.HiddenSize, model.VocabularySize / tensor)),
        };
        string[] layer = table.Text("layer_name");
        int[] tokens = table.Integers("input");
        double[] nanoseconds = table.Numbers("latency(ns)");
        for (int row = 0; row < table.Rows; row++)
        {
            if (products.TryGetValue(layer[row], out (string Kind, GemmCurve Curve) product))
                add(string.Format(CultureInfo.InvariantCulture, TokensRange, product.Kind, tokens[row] < ManyTokens ? "1–511" : "512–2048"), nanoseconds[row] * 1e-9 / product.Curve.At(tokens[row]));
        }
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
}
