using Tuner.Env.Baselines;
using Tuner.Env.Baselines.LookAhead;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands;

/// <summary>The policies a trained one is measured against, each tuned for sustained load on the training traffic alone (but for hindsight and look-ahead).</summary>
internal static class Rivals
{
    /// <summary>Compared unless others are named.</summary>
    public static readonly string[] Usual = ["default", "static-best", "static-hindsight", "mixed-fleet", "talk-rules", "reactive"];

    /// <summary>All there are.</summary>
    public static readonly string[] All = [.. Usual, "static-generalist", "look-ahead"];

    private static readonly string[] Families = ["conversation", "code", "long-context", "reasoning"];

    private const double FamilySeconds = 1800;
    private const int GeneralistsTried = 3;

    /// <summary>Makes the rivals asked for.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="names">Which rivals.</param>
    /// <param name="training">Training traffic at multiple 1; rivals are tuned on the first.</param>
    /// <param name="test">The traffic judged on, for hindsight only.</param>
    /// <param name="seed">Seed of rate scaling and of synthetic families.</param>
    /// <param name="cancellation">Stops between runs.</param>
    public static List<Rival> Make(EngineCostCache costs, IReadOnlyList<string> names, IReadOnlyList<TrafficTrace> training, TrafficTrace test, ulong seed, CancellationToken cancellation)
    {
        Scenario scenario = costs.Scenario;
        IReadOnlyList<KnobSettings> candidates = SustainedSearch.WithinBudget(scenario);
        var found = new Lazy<IReadOnlyList<LoadedSettings>>(() => Search($"searching fixed settings on {training[0].Name}", training[0]));
        var rivals = new List<Rival>();
        foreach (string name in names)
        {
            switch (name)
            {
                case "default":
                    rivals.Add(Fixed(name, scenario.DefaultSettings));
                    break;
                case "static-best":
                    rivals.Add(Fixed(name, found.Value[0].Settings));
                    break;
                case "static-hindsight":
                    rivals.Add(Fixed(name, Search($"searching fixed settings on {test.Name} itself", test, found.IsValueCreated ? found.Value[0].Settings : null)[0].Settings));
                    break;
                case "static-generalist":
                    rivals.Add(Fixed(name, Generalist()));
                    break;
                case "mixed-fleet":
                    (Scenario fleet, _) = LiveProgress.Run("searching a mixed fleet", _ => MixedFleet.Find(scenario, training[0], found.Value[0], seed, cancellation));
                    rivals.Add(Fixed(name, found.Value[0].Settings) with { Costs = new EngineCostCache(fleet) });
                    break;
                case "talk-rules":
                    rivals.Add(new Rival(costs, () => new TalkRulesPolicy(scenario), scenario.DefaultSettings));
                    break;
                case "reactive":
                    (ReactivePolicy rule, _) = LiveProgress.Run("searching the two-mode rule", report => ReactiveSearch.Run(costs, training[0], found.Value, seed, report, cancellation));
                    rivals.Add(new Rival(costs, () => new ReactivePolicy(rule.Calm, rule.Busy, rule.Threshold), rule.Calm));
                    break;
                case "look-ahead":
                    KnobSettings best = found.Value[0].Settings;
                    var options = new LookAheadOptions { Candidates = Tried(scenario, best), QualityPrice = WarmStart.Rewards.QualityPrice };
                    rivals.Add(new Rival(costs, () => new LookAheadPolicy(options), best));
                    break;
                default:
                    throw new UserErrorException($"--against: \"{name}\" found; rivals are {string.Join(", ", All)}.");
            }
        }

        return rivals;

        Rival Fixed(string name, KnobSettings settings) => new(costs, () => new FixedPolicy(name, settings), settings);

        IReadOnlyList<LoadedSettings> Search(string what, TrafficTrace trace, KnobSettings? first = null)
        {
            IReadOnlyList<KnobSettings> tried = first is { } known ? [known, .. candidates.Where(settings => settings != known)] : candidates;
            return LiveProgress.Run(what, report => SustainedSearch.Run(costs, trace, tried, seed, report, cancellation));
        }

        KnobSettings Generalist()
        {
            TrafficTrace[] families = [.. Families.Select(family => TrafficTrace.Load(TrafficPresets.Open(family, seed, FamilySeconds)))];
            KnobSettings[] winners = [.. families.SelectMany(family => Search($"searching fixed settings on {family.Name}", family).Take(GeneralistsTried)).Select(each => each.Settings).Distinct()];
            double[] means = [.. winners.Select(settings => families.Sum(family => Math.Log(Math.Max(1e-3, SustainedLoad.Find(costs, family, () => new FixedPolicy("candidate", settings), seed, settings, cancellation: cancellation)))))];
            return winners[Array.IndexOf(means, means.Max())];
        }
    }

    private static KnobSettings[] Tried(Scenario scenario, KnobSettings best)
    {
        return [.. KnobGrid.Layouts(scenario, best).SelectMany(settings => KnobGrid.Lossier(scenario, settings).Prepend(settings))];
    }
}
