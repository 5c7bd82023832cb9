using Tuner.Env.Cluster;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Evaluation.Distilling;

public sealed class PolicyDistillerTests
{
    private const double LongPrompt = 2000;

    private static readonly Scenario Scenario = ScenarioFile.Load("llama8b-1xh100");

    [Test]
    public void Distill_APolicyOfOneQuestion_IsThatQuestion()
    {
        DistilledTable found = Distill(Alternating(1), Alternating(2));

        Assert.That(found.Rows, Has.Count.EqualTo(2));
        RowCondition condition = found.Rows[0].Conditions.Single();
        Assert.That(condition.Field.Name, Is.EqualTo("p90 prompt tokens"));
        Assert.That(condition.UpTo, Is.InRange(LongPrompt - 1000, LongPrompt + 1000));
        Assert.That((found.Rows[0].Settings.KvPrefetch, found.Rows[1].Settings.KvPrefetch), Is.EqualTo((false, true)));
        Assert.That((found.Fidelity, found.Rows.Sum(row => row.Windows)), Is.EqualTo((1.0, 1.0)));
        Assert.That(found.Constant, Is.LessThan(0.8));
        Assert.That(found.Difference.Mean, Is.Zero);
        Assert.That(found.TableKept, Is.EqualTo(found.PolicyKept));
    }

    [Test]
    public void Distill_FidelityAndShares_AreOfTheHeldOutTraffic()
    {
        TrafficTrace shortOnly = Lab.Poisson(5, 4, 600, 500, 50);

        // Grown where prompts are short, the table knows one answer; judged where half are long, it is right half the time.
        DistilledTable found = Distill(shortOnly, Alternating(2));

        Assert.That((found.Rows.Count, found.FitFidelity), Is.EqualTo((1, 1.0)));
        Assert.That(found.Fidelity, Is.InRange(0.35, 0.65));
        Assert.That(found.Windows, Is.EqualTo(120).Within(1));
    }

    /// <summary>Five minutes of short prompts, five of long ones, twice.</summary>
    private static TrafficTrace Alternating(ulong seed)
    {
        var requests = new List<InferenceRequest>();
        for (int part = 0; part < 4; part++)
        {
            foreach (InferenceRequest request in Lab.Poisson(seed + (ulong)part, 4, 300, part % 2 == 0 ? 500 : 4000, 50).Requests())
                requests.Add(request with { ArrivalSeconds = request.ArrivalSeconds + (300 * part) });
        }

        return TrafficTrace.Of("alternating", requests, 1200);
    }

    private static DistilledTable Distill(TrafficTrace fitting, TrafficTrace heldOut)
        => new PolicyDistiller(new EngineCostCache(Scenario), () => new OneQuestion(), Scenario.DefaultSettings with { KvPrefetch = false }).Distill([fitting], [heldOut], seed: 1);

    private sealed class OneQuestion : ITuningPolicy
    {
        public string Name => "one-question";

        public void Reset()
        {
        }

        public KnobSettings Decide(in WindowMetrics window, in KnobSettings current, in KnobMask mask) => current with { KvPrefetch = window.PromptTokensP90 > LongPrompt };
    }
}
