using Tuner.Cli.Commands.Training;
using Tuner.Env.Baselines;
using Tuner.Env.Baselines.Bandit;
using Tuner.Env.Baselines.LookAhead;
using Tuner.Env.Baselines.Planning;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Rewards;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands.Evaluating;

/// <summary>The policies a trained one is measured against, each tuned for sustained load on the training traffic alone (but for hindsight and look-ahead), once for all tests.</summary>
/// <param name="costs">The scenario and its prepared engines.</param>
/// <param name="training">Training traffic at multiple 1, several traces end to end.</param>
/// <param name="seed">Seed of rate scaling and of synthetic families.</param>
/// <param name="cancellation">Stops between runs.</param>
internal sealed class Rivals(EngineCostCache costs, TrafficTrace training, ulong seed, CancellationToken cancellation)
{
    /// <summary>Knows the day to come; made by <see cref="Comparison"/> from what the others do.</summary>
    public const string Oracle = "oracle";

    /// <summary>Compared unless others are named.</summary>
    public static readonly string[] Usual = ["default", "static-best", "static-hindsight", "mixed-fleet", "talk-rules", "reactive"];

    /// <summary>All there are.</summary>
    public static readonly string[] All = [.. Usual, "static-generalist", "bandit", "planner", "look-ahead", Oracle];

    private const double FamilySeconds = 1800;
    private const int GeneralistsTried = 3;
    private const int Alternatives = 3;

    private static readonly string[] Families = ["conversation", "code", "long-context", "reasoning"];

    private static readonly RewardOptions Rewards = new();

    private readonly Dictionary<string, PolicyContender> made = [];
    private IReadOnlyList<LoadedSettings>? found;

    /// <summary>The best fixed settings on the training traffic, the best first.</summary>
    public IReadOnlyList<LoadedSettings> Found => found ??= Search("searching fixed settings on the training traffic", training);

    /// <summary>What rivals that choose between settings may choose: the best fixed settings, the best one's layouts, each also with lossy formats.</summary>
    public IReadOnlyList<KnobSettings> Choices
        => [.. Found.Take(Alternatives).Select(each => each.Settings).Concat(KnobGrid.Layouts(costs.Scenario, Found[0].Settings)).SelectMany(settings => KnobGrid.Lossier(costs.Scenario, settings).Prepend(settings)).Distinct()];

    /// <summary>The rivals of given names but the oracle.</summary>
    /// <param name="names">Which rivals.</param>
    /// <param name="test">The traffic judged on, for hindsight only.</param>
    public List<PolicyContender> For(IEnumerable<string> names, TrafficTrace test)
    {
        var rivals = new List<PolicyContender>();
        foreach (string name in names.Where(name => name != Oracle))
        {
            if (name == "static-hindsight")
                rivals.Add(Hindsight(test));
            else if (made.TryGetValue(name, out PolicyContender? known))
                rivals.Add(known);
            else
                rivals.Add(made[name] = Make(name));
        }

        return rivals;
    }

    private PolicyContender Make(string name)
    {
        Scenario scenario = costs.Scenario;
        switch (name)
        {
            case "default":
                return Fixed(name, scenario.DefaultSettings);
            case "static-best":
                return Fixed(name, Found[0].Settings);
            case "static-generalist":
                return Fixed(name, Generalist());
            case "mixed-fleet":
                LoadedSettings best = Found[0];
                (Scenario fleet, _) = LiveProgress.Run("searching a mixed fleet", _ => MixedFleet.Find(scenario, training, best, seed, cancellation));
                return new PolicyContender(new EngineCostCache(fleet), () => new FixedPolicy(name, best.Settings), best.Settings);
            case "talk-rules":
                return new PolicyContender(costs, () => new TalkRulesPolicy(scenario), scenario.DefaultSettings);
            case "reactive":
                IReadOnlyList<LoadedSettings> statics = Found;
                (ReactivePolicy rule, _) = LiveProgress.Run("searching the two-mode rule", report => ReactiveSearch.Run(costs, training, statics, seed, report, cancellation));
                return new PolicyContender(costs, () => new ReactivePolicy(rule.Calm, rule.Busy, rule.Threshold), rule.Calm);
            case "bandit":
                KnobSettings[] arms = [.. Choices];
                double load = Found[0].Load;
                Func<BanditPolicy> bandit = LiveProgress.Run("teaching the bandit", report => BanditSearch.Run(costs, training, arms, load, Rewards, seed, report, cancellation));
                return new PolicyContender(costs, bandit, Found[0].Settings);
            case "planner":
                LookAheadOptions planning = Options();
                return new PolicyContender(costs, () => new PlannerPolicy(planning), Found[0].Settings);
            case "look-ahead":
                LookAheadOptions looking = Options();
                return new PolicyContender(costs, () => new LookAheadPolicy(looking), Found[0].Settings);
            default:
                throw new UserErrorException($"--against: \"{name}\" found; rivals are {string.Join(", ", All)}.");
        }
    }

    private LookAheadOptions Options() => new() { Candidates = Choices, Horizon = WarmStart.Horizon, QualityPrice = Rewards.QualityPrice };

    private PolicyContender Fixed(string name, KnobSettings settings) => new(costs, () => new FixedPolicy(name, settings), settings);

    private PolicyContender Hindsight(TrafficTrace test)
        => Fixed("static-hindsight", Search($"searching fixed settings on {test.Name} itself", test, found?[0].Settings)[0].Settings);

    private IReadOnlyList<LoadedSettings> Search(string what, TrafficTrace trace, KnobSettings? first = null)
    {
        IReadOnlyList<KnobSettings> candidates = SustainedSearch.WithinBudget(costs.Scenario);
        IReadOnlyList<KnobSettings> tried = first is { } known ? [known, .. candidates.Where(settings => settings != known)] : candidates;
        return LiveProgress.Run(what, report => SustainedSearch.Run(costs, trace, tried, seed, report, cancellation));
    }

    private KnobSettings Generalist()
    {
        TrafficTrace[] families = [.. Families.Select(family => TrafficTrace.Load(TrafficPresets.Open(family, seed, FamilySeconds)))];
        KnobSettings[] winners = [.. families.SelectMany(family => Search($"searching fixed settings on {family.Name}", family).Take(GeneralistsTried)).Select(each => each.Settings).Distinct()];
        double[] means = [.. winners.Select(settings => families.Sum(family => Math.Log(Math.Max(1e-3, SustainedLoad.Find(costs, family, () => new FixedPolicy("candidate", settings), seed, settings, cancellation: cancellation)))))];
        return winners[Array.IndexOf(means, means.Max())];
    }
}
