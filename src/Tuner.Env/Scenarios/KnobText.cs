using System.Globalization;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Scenarios;

/// <summary>Knob settings as people write them: <c>parallelism=tensor,precision=fp8-fp4,max-batch=128</c>.</summary>
public static class KnobText
{
    /// <summary>Changes settings by name; what is wrong is added to <paramref name="problems"/>.</summary>
    public static KnobSettings Parse(KnobSpace space, KnobSettings settings, IReadOnlyDictionary<string, string> values, ICollection<string> problems)
    {
        foreach ((string key, string value) in values)
        {
            switch (key)
            {
                case "parallelism" when Enum.TryParse(value, true, out ParallelismMode mode) && Enum.IsDefined(mode):
                    settings = settings with { Parallelism = mode };
                    break;
                case "precision" when value is "fp8" or "fp8-fp4":
                    settings = settings with { Precision = value == "fp8" ? PrecisionMode.Fp8 : PrecisionMode.Fp8Fp4 };
                    break;
                case "max-batch" when Rung(space.BatchLadder.Select(rung => (double)rung.Sequences), value) is >= 0 and var level:
                    settings = settings with { MaxBatchLevel = level };
                    break;
                case "batch-wait" when Rung(space.BatchWaitLadder, value) is >= 0 and var level:
                    settings = settings with { BatchWaitLevel = level };
                    break;
                case "kv-compression" when Switch(value) is { } on:
                    settings = settings with { KvCompression = on };
                    break;
                case "speculation" when Switch(value) is { } on:
                    settings = settings with { Speculation = on };
                    break;
                case "draft" when Draft(space, value) is >= 0 and var level:
                    settings = settings with { DraftLevel = level };
                    break;
                case "kv-prefetch" when Switch(value) is { } on:
                    settings = settings with { KvPrefetch = on };
                    break;
                default:
                    problems.Add($"knob {key}={value}: expected {Expected(space, key)}");
                    break;
            }
        }

        return settings;
    }

    /// <summary>The settings as one line.</summary>
    public static string Write(KnobSpace space, in KnobSettings settings)
    {
        BatchRung rung = space.BatchLadder[settings.MaxBatchLevel];
        string draft = space.Drafts.Count > 0 && settings.Speculation ? $" draft={space.Drafts[settings.DraftLevel]}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"parallelism={settings.Parallelism.ToString().ToLowerInvariant()} precision={(settings.Precision == PrecisionMode.Fp8 ? "fp8" : "fp8-fp4")} max-batch={rung.Sequences} batch-wait={space.BatchWaitLadder[settings.BatchWaitLevel]} kv-compression={OnOff(settings.KvCompression)} speculation={OnOff(settings.Speculation)}{draft} kv-prefetch={OnOff(settings.KvPrefetch)}");
    }

    /// <summary>The settings as pairs that <see cref="Parse"/> reads back.</summary>
    public static IReadOnlyDictionary<string, string> Pairs(KnobSpace space, in KnobSettings settings)
    {
        var pairs = new Dictionary<string, string>
        {
            ["parallelism"] = settings.Parallelism.ToString().ToLowerInvariant(),
            ["precision"] = settings.Precision == PrecisionMode.Fp8 ? "fp8" : "fp8-fp4",
            ["max-batch"] = space.BatchLadder[settings.MaxBatchLevel].Sequences.ToString(CultureInfo.InvariantCulture),
            ["batch-wait"] = space.BatchWaitLadder[settings.BatchWaitLevel].ToString(CultureInfo.InvariantCulture),
            ["kv-compression"] = OnOff(settings.KvCompression),
            ["speculation"] = OnOff(settings.Speculation),
            ["kv-prefetch"] = OnOff(settings.KvPrefetch),
        };
        if (space.Drafts.Count > 0)
            pairs["draft"] = space.Drafts[settings.DraftLevel];
        return pairs;
    }

    private static string OnOff(bool on) => on ? "on" : "off";

    private static bool? Switch(string value) => value switch { "on" or "true" => true, "off" or "false" => false, _ => null };

    private static int Rung(IEnumerable<double> ladder, string value)
        => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double wanted)
            ? ladder.Select((rung, level) => rung == wanted ? level : -1).DefaultIfEmpty(-1).Max()
            : -1;

    private static int Draft(KnobSpace space, string value)
        => value switch
        {
            "smaller" => 0,
            "larger" => Math.Max(0, space.Drafts.Count - 1),
            _ => space.Drafts.ToList().IndexOf(value),
        };

    private static string Expected(KnobSpace space, string key) => key switch
    {
        "parallelism" => "single, tensor, pipeline or hybrid",
        "precision" => "fp8 or fp8-fp4",
        "max-batch" => $"one of {string.Join(", ", space.BatchLadder.Select(rung => rung.Sequences))}",
        "batch-wait" => $"one of {string.Join(", ", space.BatchWaitLadder.Select(wait => wait.ToString(CultureInfo.InvariantCulture)))} seconds",
        "draft" => $"smaller, larger or one of {string.Join(", ", space.Drafts)}",
        "kv-compression" or "speculation" or "kv-prefetch" => "on or off",
        _ => "one of the knobs parallelism, precision, max-batch, batch-wait, kv-compression, speculation, draft, kv-prefetch",
    };
}
