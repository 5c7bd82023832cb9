using Tuner.Env.Baselines;
using Tuner.Env.Cluster;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands;

/// <summary>The policies a trained one is measured against, each tuned on the training traffic alone (but for hindsight).</summary>
internal static class Rivals
{
    public static readonly string[] All = ["default", "static-best", "static-hindsight", "talk-rules", "reactive"];

    /// <summary>Makes the rivals asked for.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="names">Which rivals.</param>
    /// <param name="training">Training traffic, at the load judged.</param>
    /// <param name="test">The traffic judged on, for hindsight only.</param>
    /// <param name="cancellation">Stops between runs.</param>
    public static List<Func<ITuningPolicy>> Make(EngineCostCache costs, IReadOnlyList<string> names, IReadOnlyList<TrafficTrace> training, TrafficTrace test, CancellationToken cancellation)
    {
        Scenario scenario = costs.Scenario;
        IReadOnlyList<RankedSettings>? ranked = names.Contains("static-best") || names.Contains("reactive")
            ? LiveProgress.Run("searching fixed settings on the training traffic", report => GridSearch.Run(costs, training, report, cancellation))
            : null;
        var rivals = new List<Func<ITuningPolicy>>();
        foreach (string name in names)
        {
            switch (name)
            {
                case "default":
                    rivals.Add(Fixed(name, scenario.DefaultSettings));
                    break;
                case "static-best":
                    rivals.Add(Fixed(name, ranked![0].Settings));
                    break;
                case "static-hindsight":
                    rivals.Add(Fixed(name, LiveProgress.Run($"searching fixed settings on {test.Name} itself", report => GridSearch.Run(costs, [test], report, cancellation))[0].Settings));
                    break;
                case "talk-rules":
                    rivals.Add(() => new TalkRulesPolicy(scenario));
                    break;
                case "reactive":
                    ReactivePolicy found = LiveProgress.Run("searching the two-mode rule", _ => ReactiveSearch.Run(costs, training, ranked!, cancellation));
                    rivals.Add(() => new ReactivePolicy(found.Calm, found.Busy, found.Threshold));
                    break;
                default:
                    throw new UserErrorException($"--against: \"{name}\" found; rivals are {string.Join(", ", All)}.");
            }
        }

        return rivals;
    }

    private static Func<ITuningPolicy> Fixed(string name, KnobSettings settings) => () => new FixedPolicy(name, settings);
}
