using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Tuner.Env.Costs;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Scenarios;

/// <summary>Loads scenarios: defaults first, then what the file overrides, then every check at once.</summary>
public static class ScenarioFile
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) },
    };

    /// <summary>Names of schedules; <c>engine</c> leaves it to the engine.</summary>
    private static readonly Dictionary<string, EngineSchedule?> Schedules = new()
    {
        ["engine"] = null,
        ["chunked"] = EngineSchedule.Chunked,
        ["prefill-first"] = EngineSchedule.PromptsFirst,
    };

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Loads a scenario from a file, or a shipped one by its name.</summary>
    /// <param name="pathOrName">A path to a JSON file, or a name such as <c>llama70b-8xh200</c>.</param>
    /// <exception cref="ScenarioFormatException">No such scenario, or everything that is wrong with it.</exception>
    public static Scenario Load(string pathOrName)
    {
        if (File.Exists(pathOrName))
            return Parse(Path.GetFileName(pathOrName), File.ReadAllText(pathOrName), Path.GetDirectoryName(Path.GetFullPath(pathOrName))!);
        if (ShippedConfig.Read("scenarios", pathOrName) is { } text)
            return Parse(pathOrName, text, Environment.CurrentDirectory);
        throw new ScenarioFormatException($"{pathOrName}: no such scenario file; shipped scenarios are {string.Join(", ", ShippedConfig.Names("scenarios"))}.");
    }

    /// <summary>Reads a scenario's text.</summary>
    /// <param name="file">The name errors use.</param>
    /// <param name="json">The text.</param>
    /// <param name="folder">Where files it names are looked for first.</param>
    public static Scenario Parse(string file, string json, string folder)
    {
        ScenarioOptions options = Bind(file, json);
        var problems = new List<string>();
        Validate(options, "", problems);
        ModelSpec? model = Model(options.Model, folder, problems);
        HardwareProfile? hardware = Hardware(options.Hardware, folder, problems);
        LayoutSpec?[] layouts = Layouts(options, problems);
        DraftSpec[] drafts = [.. options.Drafts.Select(draft => Draft(draft, folder, problems)).OfType<DraftSpec>()];
        KnobSpace? knobs = Knobs(options, drafts, problems);
        CheckNames(options, model, hardware, problems);
        KnobSettings settings = knobs is null ? default : KnobText.Parse(knobs, default, options.Default, problems);
        if (problems.Count > 0 || model is null || hardware is null || knobs is null)
            throw Wrong(file, problems);

        var scenario = new Scenario
        {
            Name = options.Name,
            Model = model,
            Hardware = hardware,
            Gpus = options.Gpus,
            MaxSequenceTokens = options.MaxSequenceTokens,
            Objective = new ServiceObjective(options.Objective.TtftSeconds, options.Objective.TtftSecondsPerPromptToken, options.Objective.TpotSeconds),
            AttainmentTarget = options.Objective.AttainmentTarget,
            Quality = new QualitySpec(options.Quality.Fp4Loss, options.Quality.KvCompressionLoss, options.Quality.Budget),
            Knobs = knobs,
            DefaultSettings = settings,
            Layouts = layouts,
            Drafts = drafts,
            HostCache = new HostCacheSpec(options.HostCache.BytesPerGpu, options.HostCache.LinkBytesPerSecond),
            Switching = new SwitchingSpec(options.Switching.LayoutSeconds, options.Switching.PrecisionFixedSeconds, options.Switching.WeightLoadBytesPerSecond, options.Switching.KvConversionSeconds, options.Switching.KvConversionBytesPerSecond)
            {
                GraphSeconds = options.Switching.GraphSeconds,
                Rolling = options.Switching.Rolling,
                InFlight = options.Switching.InFlight,
                LoadsWhileServing = options.Switching.LoadsWhileServing,
            },
            BothPrecisionsResident = options.BothPrecisionsResident,
            Weights = options.Weights == "bf16" ? KernelPrecision.Bf16 : KernelPrecision.Fp8,
            Engine = options.Engine,
            Schedule = Schedules.GetValueOrDefault(options.Schedule),
            Router = options.Router,
            GpuMemoryUtilization = options.GpuMemoryUtilization,
            Preemption = options.Preemption,
            Clients = new ClientSpec
            {
                FirstTokenPatienceSeconds = options.Clients.FirstTokenPatienceSeconds ?? double.PositiveInfinity,
                TimeoutSeconds = options.Clients.TimeoutSeconds ?? double.PositiveInfinity,
                CancelShare = options.Clients.CancelShare,
                MaxInFlight = options.Clients.MaxInFlight ?? int.MaxValue,
                MaxWaiting = options.Clients.MaxWaiting ?? int.MaxValue,
            },
        };
        if (options.KvCacheTokens is { } tokens && layouts[(int)settings.Parallelism] is { Pools: [PoolSpec first, ..] })
            scenario = WithKvCache(scenario, first, settings, tokens);
        if (hardware.Engines[0].Collectives.Count == 0 && layouts.OfType<LayoutSpec>().Any(layout => layout.Pools.Any(pool => pool.TensorParallel > 1)))
            problems.Add($"layouts: tensor above 1 found, but {hardware.Name} has no all-reduce between devices; use tensor 1");
        else if (!scenario.Fits(settings))
            problems.Add(DoesNotFit(scenario));
        if (problems.Count > 0)
            throw Wrong(file, problems);
        return scenario;
    }

    /// <summary>The scenario with so much memory for the runtime that its default settings leave a KV cache of the size the engine reported.</summary>
    internal static Scenario WithKvCache(Scenario scenario, PoolSpec pool, KnobSettings settings, int tokens)
    {
        MemoryPlan plan = scenario.PlanFor(pool, settings);
        double free = plan.CapacityBytes - plan.WeightBytes - plan.DraftWeightBytes - plan.WorkspaceBytes;
        double blocks = ((tokens / MemoryPlan.BlockTokens) + 0.5) / pool.DataParallel;
        return scenario with { RuntimeBytes = scenario.RuntimeBytes + free - (blocks * MemoryPlan.BlockTokens * plan.KvBytesPerToken) };
    }

    private static ScenarioOptions Bind(string file, string json)
    {
        JsonObject? merged = null;
        try
        {
            if (JsonNode.Parse(json, documentOptions: Lenient) is not JsonObject own)
                throw new ScenarioFormatException($"{file}: not a JSON object; a scenario is one.");
            string[] nulls = [.. JsonProblem.Nulls(own).Select(path => $"{path}: null found; leave the key out or give it a value")];
            if (nulls.Length > 0)
                throw Wrong(file, [.. nulls]);
            merged = JsonNode.Parse(ShippedConfig.Read("", "defaults")!, documentOptions: Lenient)!.AsObject();
            Merge(merged, own);
            return merged.Deserialize<ScenarioOptions>(Strict)!;
        }
        catch (JsonException broken)
        {
            throw new ScenarioFormatException($"{file}: {JsonProblem.Describe(broken, typeof(ScenarioOptions), merged, "docs/scenarios.md lists the keys")}.", broken);
        }
    }

    private static void Merge(JsonObject into, JsonObject from)
    {
        foreach ((string key, JsonNode? value) in from)
        {
            if (value is JsonObject inner && into[key] is JsonObject existing)
                Merge(existing, inner);
            else
                into[key] = value?.DeepClone();
        }
    }

    private static void Validate(object options, string where, List<string> problems)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        problems.AddRange(results.Select(result => where + result.ErrorMessage!.TrimEnd('.')));
        if (options is not ScenarioOptions scenario)
            return;
        Validate(scenario.Objective, "objective: ", problems);
        Validate(scenario.Quality, "quality: ", problems);
        Validate(scenario.HostCache, "hostCache: ", problems);
        Validate(scenario.Switching, "switching: ", problems);
        Validate(scenario.Clients, "clients: ", problems);
        foreach ((string mode, List<PoolOptions> pools) in scenario.Layouts)
            pools.ForEach(pool => Validate(pool, $"layouts.{mode}: ", problems));
        scenario.Drafts.ForEach(draft => Validate(draft, $"draft {draft.Model}: ", problems));
    }

    private static ModelSpec? Model(string name, string folder, List<string> problems)
    {
        if (Read("models", name, folder, problems) is not { } json)
            return null;
        try
        {
            // Not Path.GetFileNameWithoutExtension: to it, llama-3.1-8b ends in ".1-8b".
            string file = Path.GetFileName(name);
            return ModelFile.Parse(file.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? file[..^5] : file, json);
        }
        catch (ScenarioFormatException wrong)
        {
            problems.Add(wrong.Message.TrimEnd('.'));
            return null;
        }
    }

    private static HardwareProfile? Hardware(string name, string folder, List<string> problems)
    {
        if (Read("hardware", name, folder, problems) is not { } json)
            return null;
        try
        {
            return HardwareFile.Parse(json);
        }
        catch (JsonException wrong)
        {
            problems.Add($"hardware {name}: {wrong.Message.TrimEnd('.')}");
            return null;
        }
    }

    private static string? Read(string folderName, string name, string folder, List<string> problems)
    {
        string path = Path.Combine(folder, name);
        if (File.Exists(path))
            return File.ReadAllText(path);
        string? text = ShippedConfig.Read(folderName, name);
        if (text is null && name.Length > 0)
            problems.Add($"{folderName}: \"{name}\" is neither a file nor shipped; shipped are {string.Join(", ", ShippedConfig.Names(folderName))}");
        return text;
    }

    private static void CheckNames(ScenarioOptions options, ModelSpec? model, HardwareProfile? hardware, List<string> problems)
    {
        if (options.Weights is not ("fp8" or "bf16"))
            problems.Add($"weights: \"{options.Weights}\" found; expected fp8 or bf16");
        if (!Schedules.ContainsKey(options.Schedule))
            problems.Add($"schedule: \"{options.Schedule}\" found; expected {string.Join(", ", Schedules.Keys)}");
        if (options.Engine is { } engine && hardware is not null && !hardware.EngineNames.Contains(engine))
            problems.Add($"engine: \"{engine}\" found; {hardware.Name} has {string.Join(", ", hardware.EngineNames)}");
        else if (hardware?.Engine(options.Engine) is { } kernels && !kernels.Gemm.Any(term => term.Precision == (options.Weights == "bf16" ? KernelPrecision.Bf16 : KernelPrecision.Fp8)))
            problems.Add($"weights: {kernels.Name} on {hardware.Name} has no {options.Weights} products; it has {string.Join(", ", kernels.Gemm.Select(term => term.Precision.ToString().ToLowerInvariant()))}");
        foreach ((string mode, List<PoolOptions> pools) in options.Layouts)
        {
            foreach (PoolOptions pool in pools)
            {
                if (pool.Precision is not (null or "fp8" or "fp8-fp4"))
                    problems.Add($"layouts.{mode}: precision \"{pool.Precision}\" found; expected fp8 or fp8-fp4");
                if (pool.Expert > 1 && pool.Tensor * pool.Data % pool.Expert != 0)
                    problems.Add($"layouts.{mode}: expert {pool.Expert} does not divide tensor × data, {pool.Tensor * pool.Data}");
                if (model is not null && pool.Expert > Math.Max(1, model.Experts))
                    problems.Add($"layouts.{mode}: expert {pool.Expert} found; {model.Name} has {model.Experts} experts");
                if (model is { Experts: 0 } && pool.Data > 1)
                    problems.Add($"layouts.{mode}: data {pool.Data} found; only a mixture of experts has groups that share a replica: use replicas");
                if (pool.Speculation == true && options.Drafts.Count == 0)
                    problems.Add($"layouts.{mode}: speculation on, but drafts is empty; it needs a draft model");
            }
        }
    }

    private static PoolSpec Pool(PoolOptions pool) => new(pool.Replicas, pool.Tensor, pool.Pipeline, pool.MinPromptTokens, pool.MaxPromptTokens)
    {
        DataParallel = pool.Data,
        ExpertParallel = pool.Expert,
        Precision = pool.Precision switch { "fp8" => PrecisionMode.Fp8, "fp8-fp4" => PrecisionMode.Fp8Fp4, _ => null },
        KvCompression = pool.KvCompression,
        Speculation = pool.Speculation,
    };

    private static LayoutSpec?[] Layouts(ScenarioOptions options, List<string> problems)
    {
        var layouts = new LayoutSpec?[4];
        if (options.Layouts.Count == 0)
            problems.Add("layouts: none found; at least one of single, tensor, pipeline, hybrid is needed");
        foreach ((string name, List<PoolOptions> pools) in options.Layouts)
        {
            if (!Enum.TryParse(name, ignoreCase: true, out ParallelismMode mode) || !Enum.IsDefined(mode))
            {
                problems.Add($"layouts: \"{name}\" found; expected single, tensor, pipeline or hybrid");
                continue;
            }

            var layout = new LayoutSpec([.. pools.Select(Pool)]);
            int gpus = layout.Pools.Sum(pool => pool.Gpus);
            if (gpus > options.Gpus && options.Gpus > 0)
                problems.Add($"layouts.{name}: {gpus} GPUs used of {options.Gpus}");
            int covered = 0;
            foreach (PoolSpec pool in layout.Pools.OrderBy(pool => pool.MinPromptTokens))
            {
                if (pool.MinPromptTokens <= covered && pool.MaxPromptTokens >= covered)
                    covered = pool.MaxPromptTokens == int.MaxValue ? int.MaxValue : pool.MaxPromptTokens + 1;
            }

            if (covered != int.MaxValue)
                problems.Add($"layouts.{name}: no pool takes prompts of {covered} tokens; the pools must cover every length");
            layouts[(int)mode] = layout;
        }

        return layouts;
    }

    private static DraftSpec? Draft(DraftOptions draft, string folder, List<string> problems)
    {
        if (Model(draft.Model, folder, problems) is not { } model)
            return null;
        var acceptance = new double[Enum.GetValues<TrafficClass>().Length][];
        foreach (TrafficClass trafficClass in Enum.GetValues<TrafficClass>())
        {
            string key = JsonNamingPolicy.KebabCaseLower.ConvertName(trafficClass.ToString());
            if (!draft.Acceptance.TryGetValue(key, out double[]? values) || values.Length != draft.Tokens || values.Any(value => value is not (> 0 and < 1)))
                problems.Add($"draft {draft.Model}: acceptance.{key} needs {draft.Tokens} numbers between 0 and 1, one a drafted position");
            acceptance[(int)trafficClass] = values ?? [];
        }

        return new DraftSpec(model, draft.Tokens, acceptance);
    }

    private static KnobSpace? Knobs(ScenarioOptions options, DraftSpec[] drafts, List<string> problems)
    {
        if (options.BatchLadder.Any(rung => rung.Length != 2 || rung[0] < 1 || rung[1] < rung[0]))
        {
            problems.Add("batchLadder: each rung is [sequences, tokenBudget] with 1 ≤ sequences ≤ tokenBudget");
            return null;
        }

        try
        {
            return new KnobSpace([.. options.BatchLadder.Select(rung => new BatchRung(rung[0], rung[1]))], options.BatchWaitSeconds, [.. drafts.Select(draft => draft.Model.Name)]);
        }
        catch (ArgumentException wrong)
        {
            problems.Add(wrong.Message.TrimEnd('.'));
            return null;
        }
    }

    /// <summary>Why the default settings do not fit the cluster.</summary>
    internal static string DoesNotFit(Scenario scenario)
    {
        if (scenario.Layouts[(int)scenario.DefaultSettings.Parallelism] is not { } layout)
            return $"default: parallelism={scenario.DefaultSettings.Parallelism.ToString().ToLowerInvariant()} found, but layouts has no such layout";
        if (scenario.DefaultSettings.Speculation && scenario.Drafts.Count == 0)
            return "default: speculation=on found, but drafts is empty; it needs a draft model";
        PoolSpec pool = layout.Pools.MinBy(each => scenario.PlanFor(each, scenario.DefaultSettings).KvBlocks)!;
        MemoryPlan plan = scenario.PlanFor(pool, scenario.DefaultSettings);
        return FormattableString.Invariant($"{scenario.Model.Name} does not fit: weights take {plan.WeightBytes / 1e9:0.0} GB and workspace {plan.WorkspaceBytes / 1e9:0.0} GB of {plan.CapacityBytes / 1e9:0.0} GB usable on each {scenario.Hardware.Name} at tensor {pool.TensorParallel} × pipeline {pool.PipelineParallel}");
    }

    private static ScenarioFormatException Wrong(string file, List<string> problems)
        => new(problems.Count == 1 ? $"{file}: {problems[0]}." : $"{file}: {problems.Count} problems: {string.Join("; ", problems)}.");
}
