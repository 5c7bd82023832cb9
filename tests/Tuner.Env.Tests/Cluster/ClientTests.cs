using Tuner.Env.Evaluation;
using Tuner.Env.Measurement;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;

namespace Tuner.Env.Cluster;

/// <summary>What clients and gateways do: give up, break off, hold back, turn away.</summary>
public sealed class ClientTests
{
    private static readonly Scenario Small = ScenarioFile.Load("llama8b-1xh100");

    [Test]
    public void Patience_InAFlood_EndsWaitingAtItsDeadline()
    {
        RequestOutcome[] outcomes = Outcomes(new ClientSpec { FirstTokenPatienceSeconds = 2 }, Lab.Burst(2000, 1000, 200));
        RequestOutcome[] gone = [.. outcomes.Where(each => each.Ending == RequestEnding.TimedOut)];
        Assert.That(gone, Has.Length.InRange(100, 1999));
        Assert.That(gone.Select(each => each.EndSeconds), Is.All.EqualTo(2).Within(1e-9));
        Assert.That(gone.Select(each => each.Met), Is.All.False);
        Assert.That(outcomes.Where(each => each.Completed).Max(each => each.TtftSeconds), Is.LessThan(2.5), "nobody was served much later than the patience of all");
    }

    [Test]
    public void Timeout_OfARunningRequest_KeepsWhatItHadProduced()
    {
        RequestOutcome[] outcomes = Outcomes(new ClientSpec { TimeoutSeconds = 5 }, TrafficTrace.Of("one", [new InferenceRequest(1, 500, 20_000, TrafficClass.Reasoning)], 2));
        Assert.That(outcomes[0].Ending, Is.EqualTo(RequestEnding.TimedOut));
        Assert.That(outcomes[0].EndSeconds, Is.EqualTo(6));
        Assert.That(outcomes[0].OutputTokens, Is.InRange(300, 5000));
        Assert.That(outcomes[0].Completed, Is.False);
    }

    [Test]
    public void Cancellation_OfAThird_LeavesHalfOfThoseAnswersUnread()
    {
        RequestOutcome[] outcomes = Outcomes(new ClientSpec { CancelShare = 1.0 / 3 }, Lab.Poisson(3, 10, 200, 300, 400));
        RequestOutcome[] broken = [.. outcomes.Where(each => each.Ending == RequestEnding.Cancelled)];
        Assert.That((double)broken.Length / outcomes.Length, Is.EqualTo(1.0 / 3).Within(0.04));
        Assert.That(broken.Average(each => each.OutputTokens), Is.EqualTo(200).Within(12));
        Assert.That(outcomes.Select(each => each.Completed), Is.All.True, "a client who has read enough was served");
    }

    [Test]
    public void InFlight_AtTheClientsLimit_IsNeverExceededAndNobodyIsLost()
    {
        Scenario scenario = Small with { Clients = new ClientSpec { MaxInFlight = 5 } };
        TrafficTrace trace = Lab.Burst(60, 500, 100);
        var table = new OutcomeTable(trace);
        var peak = new InFlightPeak();
        var cluster = new ServingCluster(scenario, Lab.Costs(scenario), trace, scenario.DefaultSettings) { Sink = table, Observer = peak };
        cluster.Advance(0.5);
        Assert.That(cluster.InFlight, Is.EqualTo(60));
        cluster.Advance(300);
        RequestOutcome[] outcomes = table.Finish();
        Assert.That(peak.Most, Is.EqualTo(5));
        Assert.That(outcomes.Select(each => each.Completed), Is.All.True);
        Assert.That(outcomes.Max(each => each.TtftSeconds), Is.GreaterThan(3), "the wait on the client's side counts");
    }

    [Test]
    public void Queue_Full_TurnsAwayWithAReason()
    {
        RequestOutcome[] outcomes = Outcomes(new ClientSpec { MaxWaiting = 10 }, Lab.Burst(1000, 1000, 200));
        RequestOutcome[] refused = [.. outcomes.Where(each => each.Ending == RequestEnding.QueueFull)];
        Assert.That(refused, Is.Not.Empty);
        Assert.That(refused.Select(each => each.EndSeconds), Is.All.Zero);
        Assert.That(outcomes.Count(each => each.Completed) + refused.Length, Is.EqualTo(1000));
    }

    [Test]
    public void Nobody_GivesUpUnlessAsked()
        => Assert.That(Outcomes(ClientSpec.Patient, Lab.Burst(2000, 1000, 200)).Select(each => each.Ending), Is.All.EqualTo(RequestEnding.Completed));

    private static RequestOutcome[] Outcomes(ClientSpec clients, TrafficTrace trace)
    {
        Scenario scenario = Small with { Clients = clients };
        var table = new OutcomeTable(trace);
        var cluster = new ServingCluster(scenario, Lab.Costs(scenario), trace, scenario.DefaultSettings) { Sink = table };
        for (int second = 1; second < 1500 && (!cluster.ArrivalsDone || cluster.InFlight > 0); second++)
        {
            cluster.Advance(second);
            cluster.CheckInvariants();
        }

        return table.Finish();
    }

    private sealed class InFlightPeak : IClusterObserver
    {
        private readonly HashSet<int> here = [];

        public int Most { get; private set; }

        public void Built(in ReplicaRecord replica)
        {
        }

        public void Retired(int replica, double seconds)
        {
        }

        public void Changed(in ChangeRecord change)
        {
        }

        public void Stepped(in StepRecord step)
        {
        }

        public void Happened(in RequestEvent happening)
        {
            if (happening.Kind == RequestEventKind.Queued)
                here.Add(happening.Request);
            else if (happening.Kind is RequestEventKind.Completed or RequestEventKind.TimedOut)
                here.Remove(happening.Request);
            Most = Math.Max(Most, here.Count);
        }

        public void Paused(in PauseRecord pause)
        {
        }
    }
}
