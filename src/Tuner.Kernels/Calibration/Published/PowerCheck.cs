using System.Text.Json;
using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>Compares the power model with the mean power of served benchmarks: ML.ENERGY's chat, <c>ml-energy/lm-arena-chat.json</c>.</summary>
/// <remarks>Nothing is fitted to them. A benchmark's mean batch and answer length give a decode step, whose power is compared with the mean over the run.</remarks>
public static class PowerCheck
{
    /// <summary>Prompts of the chat are short; their length is not published with the figures: an assumption.</summary>
    private const double PromptTokens = 150;

    /// <summary>Errors of watts and of joules a token, one row each a model and number of GPUs; empty where the file or the models are absent.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="folder">The folder that holds <c>ml-energy/</c>.</param>
    /// <exception cref="CalibrationException">The file is malformed.</exception>
    public static IReadOnlyList<FitError> Run(HardwareProfile profile, string folder)
    {
        string path = Path.Combine(folder, "ml-energy", "lm-arena-chat.json");
        if (!File.Exists(path))
            return [];
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
            return Compare(profile, document.RootElement.GetProperty("configurations"));
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new CalibrationException($"{path}: {wrong.Message}", wrong);
        }
    }

    private static List<FitError> Compare(HardwareProfile profile, JsonElement configurations)
    {
        var costs = new MeasuredCostModel(profile);
        var points = new List<(string Configuration, double Watts, double Joules)>();
        foreach (JsonElement row in configurations.EnumerateArray())
        {
            if (!row.GetProperty("gpu_model").GetString()!.Equals(profile.Name, StringComparison.OrdinalIgnoreCase)
                || row.GetProperty("weight_precision").GetString() != "bfloat16"
                || Shape(row.GetProperty("model_id").GetString()!) is not { } model)
            {
                continue;
            }

            int tensor = row.GetProperty("tensor_parallel").GetInt32();
            double batch = row.GetProperty("avg_batch_size").GetDouble();
            double context = PromptTokens + (0.5 * row.GetProperty("avg_output_len").GetDouble());
            IEngineCost engine = costs.For(new EngineSpec(model, tensor, 1, PrecisionMode.Fp8, false, null, 0) { Weights = KernelPrecision.Bf16 });
            var step = new BatchShape(0, 0, 0, 0, 0, (int)Math.Round(batch), batch * context);
            double watts = tensor * engine.Power(step).Watts;
            points.Add((
                $"{model.Name}, tp {tensor}",
                Math.Log(watts / row.GetProperty("avg_power_watts").GetDouble()),
                Math.Log(engine.Step(step).Joules / batch / row.GetProperty("energy_per_token_joules").GetDouble())));
        }

        return [.. points.GroupBy(point => point.Configuration).SelectMany(group => (FitError[])
        [
            SurfaceErrors.Summarise($"watts, {group.Key}", [.. group.Select(point => point.Watts)], "ML.ENERGY chat, mean power of a run; nothing fitted"),
            SurfaceErrors.Summarise($"joules a token, {group.Key}", [.. group.Select(point => point.Joules)], "the same; decode steps alone, prompts left out"),
        ])];
    }

    private static ModelSpec? Shape(string name)
    {
        try
        {
            return ProfileCatalog.Model(name);
        }
        catch (ScenarioFormatException)
        {
            return null;
        }
    }
}
