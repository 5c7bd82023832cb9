using System.Xml.Linq;
using Tuner.Cli.Reporting;
using Tuner.Env.Baselines;
using Tuner.Env.Cluster;
using Tuner.Env.Costs;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Tests.Reporting;

internal sealed class ReportPlotsTests
{
    private static readonly Scenario Scenario = ScenarioFile.Load("llama70b-8xb200");

    [Test]
    public void Timeline_OfAPolicyThatChangesKnobs_WritesTheirValues()
    {
        string picture = KnobTimeline.Draw(Scenario, Row(Changing()));

        Assert.That(Words(picture), Is.SupersetOf(new[] { "parallelism", "tensor", "single", "precision", "fp8", "fp8-fp4", "max-batch", "256", "llama-3.2-1b" }));
        Assert.That(picture, Does.Contain(" changes)"));
    }

    [Test]
    public void Attainment_OfARow_NamesThePolicyAndItsShare()
    {
        EvaluationRow row = Row(new FixedPolicy("default", Scenario.DefaultSettings));

        Assert.That(Words(ReportPlots.Attainment([row], Scenario)), Is.SupersetOf(new[] { "default", FormattableString.Invariant($"{100 * row.SloAttainment:0.0}") }));
    }

    [Test]
    public void Of_ThePoliciesOfEveryTable_AreOfDifferentColours()
        => Assert.That(new[] { "tuner", "default", "static-best", "static-generalist", "static-hindsight", "talk-rules", "reactive", "planner", "oracle" }.Select(PolicyColours.Of), Is.Unique);

    private static IEnumerable<string> Words(string picture)
        => XDocument.Parse(picture).Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value.Trim());

    private static EvaluationRow Row(ITuningPolicy policy)
    {
        TrafficTrace trace = TrafficTrace.Load(TrafficPresets.Open("mixed-day", seed: 1)).Slice(0, 900).Scaled(0.5, 1);
        RunResult run = PolicyRunner.Run(new EngineCostCache(Scenario, new MeasuredCostModel(Scenario.Hardware)), trace, policy, Scenario.DefaultSettings);
        return EvaluationRow.Of(run, trace.Name, 1);
    }

    private static ReactivePolicy Changing()
    {
        KnobSettings calm = Scenario.DefaultSettings;
        return new ReactivePolicy(calm, calm with { Parallelism = ParallelismMode.Single, Precision = PrecisionMode.Fp8Fp4, Speculation = true }, 7000);
    }
}
