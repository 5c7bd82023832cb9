using Tuner.Agent.Imitation;
using Tuner.Env.Baselines.LookAhead;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Agent.Tests.Imitation;

public sealed class RecordingPolicyTests
{
    private static readonly Scenario Scenario = ScenarioFile.Load("qwen32b-4xh100");
    private static readonly KnobSettings Held = Scenario.DefaultSettings with { Parallelism = ParallelismMode.Tensor, KvCompression = false };
    private static readonly KnobSettings Compressed = Held with { KvCompression = true };
    private static readonly KnobSettings Moved = Held with { Parallelism = ParallelismMode.Hybrid };

    [Test]
    public void Decide_Changes_CostTheirPriceBesideTheTeachersRegret()
    {
        TrafficTrace trace = TrafficTrace.Load(TrafficPresets.Open("mixed-day", seed: 1, seconds: 300));
        var teacher = new LookAheadPolicy(new LookAheadOptions { Candidates = [Held, Compressed, Moved], Horizon = 6, QualityPrice = _ => 0 });
        var recording = new RecordingPolicy(new FixedPolicy("held", Held), teacher, Scenario.Knobs, Scenario.NewEncoder());
        var listening = new Listening(recording, teacher);

        PolicyRunner.Run(new EngineCostCache(Scenario), trace, listening, Held);

        Assert.That(recording.Seen.Count, Is.GreaterThan(10));
        Assert.That(listening.Regrets, Has.Count.EqualTo(recording.Seen.Count));
        for (int i = 0; i < recording.Seen.Count; i++)
        {
            Assert.That(Regret(i, Held), Is.EqualTo(listening.Regrets[i][0]), "holding still is free");
            Assert.That(Regret(i, Compressed), Is.EqualTo(listening.Regrets[i][2] + 0.01), "a change has to gain 1 % of the requests");
            Assert.That(Regret(i, Moved), Is.EqualTo(listening.Regrets[i][3] + 0.01));
        }

        double Regret(int example, KnobSettings wanted)
        {
            int[] action = new int[KnobSpace.HeadCount];
            KnobSpace.ActionTowards(Held, wanted, action);
            return recording.Seen.Alternatives[example].Single(each => each.Action.SequenceEqual(action)).Regret;
        }
    }

    /// <summary>Writes down what the teacher found at every window it was asked about.</summary>
    private sealed class Listening(RecordingPolicy recording, LookAheadPolicy teacher) : ITuningPolicy, ISeesCluster
    {
        public List<double[]> Regrets { get; } = [];

        public string Name => recording.Name;

        public void Reset() => recording.Reset();

        public void Attach(ServingCluster cluster, Func<ServingCluster> fresh) => recording.Attach(cluster, fresh);

        public KnobSettings Decide(in WindowMetrics window, in KnobSettings current, in KnobMask mask)
        {
            KnobSettings decided = recording.Decide(window, current, mask);
            if (recording.Seen.Count > Regrets.Count)
                Regrets.Add([.. teacher.LastRegrets]);
            return decided;
        }
    }
}
