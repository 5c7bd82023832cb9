using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Simulation;
using Tuner.Env.Traffic;
using Tuner.Policy;

namespace Tuner.Env.Cluster;

public sealed class QueueingTheoryTests
{
    private const double DecodeSeconds = 0.005;
    private const int MeanTokens = 200;
    private const double ServiceSeconds = MeanTokens * DecodeSeconds;

    [TestCase(0.3), TestCase(0.5), TestCase(0.7)]
    public void MeanWait_OneSlotExponentialOutputs_MatchesMM1(double load)
        => Assert.That(MeanWait(load, random => random.NextExponential(MeanTokens)), Is.EqualTo(load / (1 - load) * ServiceSeconds).Within(5).Percent);

    [TestCase(0.3), TestCase(0.5), TestCase(0.7)]
    public void MeanWait_OneSlotEqualOutputs_MatchesMD1(double load)
        => Assert.That(MeanWait(load, _ => MeanTokens), Is.EqualTo(load / (2 * (1 - load)) * ServiceSeconds).Within(5).Percent);

    [TestCase("llama8b-1xh100", 6), TestCase("llama70b-8xh200", 12)]
    public void RequestsInFlight_OverTime_FollowLittlesLaw(string name, double rate)
    {
        Scenario scenario = ScenarioFile.Load(name);
        TrafficTrace trace = Lab.Poisson(3, rate, 300, 1500, 250);
        var table = new OutcomeTable(trace);
        var cluster = new ServingCluster(scenario, Lab.Costs(scenario), trace, scenario.DefaultSettings) { Sink = table };
        const double Tick = 0.02;
        double requestSeconds = 0;
        for (int tick = 1; !cluster.ArrivalsDone || cluster.InFlight > 0; tick++)
        {
            cluster.Advance(tick * Tick);
            requestSeconds += cluster.InFlight * Tick;
        }

        // L = λ·W over a span that begins and ends empty: both sides times the span are the sum of the latencies.
        Assert.That(requestSeconds, Is.EqualTo(table.Finish().Sum(outcome => outcome.LatencySeconds)).Within(1).Percent);
    }

    private static double MeanWait(double load, Func<RandomStream, double> tokens)
    {
        const int Requests = 150_000;
        RandomStream random = RandomStream.For(7, "test-queue");
        var requests = new List<InferenceRequest>(Requests);
        double at = 0;
        for (int i = 0; i < Requests; i++)
        {
            at += random.NextExponential(ServiceSeconds / load);

            // The prompt's step gives the first token; the others take a step each.
            requests.Add(new InferenceRequest(at, 1, 1 + (int)Math.Round(tokens(random)), TrafficClass.Chat));
        }

        Scenario scenario = ConstantCost.OneSlot();
        TrafficTrace trace = TrafficTrace.Of("queue", requests, at);
        RunResult run = PolicyRunner.Run(new EngineCostCache(scenario, new ConstantCost(DecodeSeconds)), trace, new FixedPolicy("queue", default), default, windowSeconds: 1000);
        return run.MeanTtft();
    }
}
