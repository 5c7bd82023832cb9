using System.CommandLine;
using System.Globalization;
using System.Text;
using Spectre.Console;
using Tuner.Cli.Commands.BreakEven;
using Tuner.Cli.Commands.Prediction;
using Tuner.Env.Costs;
using Tuner.Env.Evaluation.BreakingEven;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands;

/// <summary><c>tuner breakeven</c>: maps of where an 8-bit KV cache, speculation and more tensor parallelism pay.</summary>
internal static class BreakEvenCommand
{
    public static Command Create(IAnsiConsole console)
    {
        Option<string> hardware = new("--hardware") { Description = "A hardware profile, by file or shipped name.", DefaultValueFactory = _ => "h200" };
        Option<string?> engine = new("--engine") { Description = "Whose kernels: vllm or trtllm; by default the profile's first." };
        Option<string> model = new("--model") { Description = "A model: a Hugging Face config.json or a shipped name.", DefaultValueFactory = _ => "llama-3.1-70b" };
        Option<string> precision = new("--precision") { Description = "bf16, fp8, fp8-block or fp8-fp4.", DefaultValueFactory = _ => "fp8" };
        Option<int> tensor = Count("--tp", "Tensor-parallel degree of the engine whose cache and speculation are compared.", 2);
        Option<int> wide = Count("--wide-tp", "Tensor-parallel degree compared with two replicas of half of it.", 8);
        Option<string> draft = new("--draft") { Description = "The draft model.", DefaultValueFactory = _ => "llama-3.2-1b" };
        Option<int> drafted = Count("--draft-tokens", "Tokens drafted a step.", 3);
        Option<int> context = Count("--context", "Cached tokens of each sequence under speculation.", 2048);
        Option<string> target = new("--out") { Description = "Folder for the pictures and tables.", DefaultValueFactory = _ => "runs/breakeven" };
        var command = new Command("breakeven", "Draw where an 8-bit KV cache, speculation and wider tensor parallelism pay.") { hardware, engine, model, precision, tensor, wide, draft, drafted, context, target };
        command.SetAction(parsed =>
        {
            int split = Positive(parsed.GetValue(wide), "wide-tp");
            if (split % 2 != 0)
                throw new UserErrorException($"--wide-tp is {split}; expected an even number, which two replicas can share.");
            HardwareProfile profile = ProfileCatalog.Hardware(parsed.GetValue(hardware)!);
            EngineKernels kernels = Question.Kernels(profile, parsed.GetValue(engine));
            (KernelPrecision weights, PrecisionMode mode) = PrecisionName.Parse(parsed.GetValue(precision)!);
            if (kernels.Gemm.All(term => term.Precision != weights) || (mode == PrecisionMode.Fp8Fp4 && kernels.Gemm.All(term => term.Precision != KernelPrecision.NvFp4)))
                throw new UserErrorException($"precision \"{parsed.GetValue(precision)}\": {kernels.Name} on {profile.Name} has no such products; it has {string.Join(", ", kernels.Gemm.Select(term => term.Precision))}.");
            var spec = new EngineSpec(ProfileCatalog.Model(parsed.GetValue(model)!), Positive(parsed.GetValue(tensor), "tp"), 1, mode, true, null, 0) { Weights = weights };
            var surfaces = new RatioSurfaces(profile, new MeasuredCostModel(profile, kernels.Name));
            string folder = parsed.GetValue(target)!;
            Shared.RequireWritableFolder(folder);
            foreach (RatioSurface surface in (RatioSurface[])
            [
                surfaces.KvCompression(spec),
                surfaces.Speculation(spec with { Draft = ProfileCatalog.Model(parsed.GetValue(draft)!), DraftTokens = Positive(parsed.GetValue(drafted), "draft-tokens") }, Positive(parsed.GetValue(context), "context")),
                surfaces.TensorParallel(spec with { TensorParallel = split / 2 }),
            ])
            {
                string path = Path.Combine(folder, "breakeven-" + surface.Name);
                SurfacePlot.SavePng(surface, path + ".png");
                Shared.WriteFile(path + ".svg", SurfacePlot.Svg(surface));
                Shared.WriteFile(path + ".csv", Csv(surface));
                console.WriteLine($"{surface.Title}: {Summary(surface)} {path}.png, .svg, .csv");
            }
        });
        return command;
    }

    private static Option<int> Count(string name, string description, int fallback) => new(name) { Description = description, DefaultValueFactory = _ => fallback };

    private static int Positive(int value, string name) => value is >= 1 and <= 1_000_000 ? value : throw new UserErrorException($"--{name} is {value}; expected a whole number of at least 1.");

    private static string Summary(RatioSurface surface)
    {
        double[] known = [.. surface.Ratio.Cast<double>().Where(value => !double.IsNaN(value))];
        return known.Length == 0
            ? "nothing fits."
            : string.Create(CultureInfo.InvariantCulture, $"{known.Min():0.00} to {known.Max():0.00} times as quick, pays at {(double)known.Count(value => value > 1) / known.Length:P0} of what fits.");
    }

    private static string Csv(RatioSurface surface)
    {
        var text = new StringBuilder($"{surface.XName.Replace(' ', '_')},{surface.YName.Replace(' ', '_')},times_as_quick\n");
        for (int y = 0; y < surface.Y.Count; y++)
        {
            for (int x = 0; x < surface.X.Count; x++)
            {
                // Steps of a quarter of a factor of two repeat the small counts.
                if (x > 0 && Math.Round(surface.X[x]) == Math.Round(surface.X[x - 1]))
                    continue;
                text.Append(CultureInfo.InvariantCulture, $"{Math.Round(surface.X[x])},{surface.Y[y]:0.###},{(double.IsNaN(surface.Ratio[y, x]) ? "" : surface.Ratio[y, x].ToString("0.0000", CultureInfo.InvariantCulture))}\n");
            }
        }

        return text.ToString();
    }
}
