using Tuner.Env.Baselines.LookAhead;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;
using Tuner.Policy.Telemetry;

namespace Tuner.Agent.Imitation;

/// <summary>Lets one policy drive and writes down, at every other window, what a teacher who sees what is to come would have done.</summary>
/// <param name="driver">Who decides; null for the teacher.</param>
/// <param name="teacher">The teacher.</param>
/// <param name="space">The scenario's knobs.</param>
/// <param name="encoder">An encoder of its own.</param>
internal sealed class RecordingPolicy(ITuningPolicy? driver, LookAheadPolicy teacher, KnobSpace space, ObservationEncoder encoder) : ITuningPolicy, ISeesCluster
{
    /// <summary>One window in so many is asked about: neighbours would get the same answer, and asking is nearly all that a lesson costs.</summary>
    private const int Stride = 2;

    /// <summary>What a change must be expected to gain, as a share of the requests: without it the apprentice changes twice as often and keeps no more.</summary>
    private const double ChangePrice = 0.01;

    private readonly float[] observation = new float[ObservationSchema.FieldCount];
    private readonly bool[] allowed = new bool[KnobSpace.LogitCount];
    private readonly int[] action = new int[KnobSpace.HeadCount];
    private readonly int[] hold = new int[KnobSpace.HeadCount];
    private int windows;

    public string Name => "recording";

    public Demonstrations Seen { get; } = new(KnobSpace.HeadSizes.ToArray());

    public void Reset()
    {
        encoder.Reset();
        teacher.Reset();
        driver?.Reset();
        windows = 0;
    }

    public void Attach(ServingCluster cluster, Func<ServingCluster> fresh) => teacher.Attach(cluster, fresh);

    public KnobSettings Decide(in WindowMetrics window, in KnobSettings current, in KnobMask mask)
    {
        encoder.Encode(window, current, observation);
        if (windows++ % Stride != 0)
            return driver is null ? current : driver.Decide(window, current, mask);
        mask.WriteTo(allowed);
        WriteAllowed(current, teacher.Decide(window, current, mask), action);
        Seen.Add(observation, allowed, action, 1, Alternatives(current));
        return driver is null ? space.Apply(current, action) : driver.Decide(window, current, mask);
    }

    /// <summary>What was tried, by the action that leads there; of several behind one action the best counts, for it can be chosen next time.</summary>
    private List<Alternative> Alternatives(in KnobSettings current)
    {
        var found = new List<Alternative>();
        for (int i = 0; i < teacher.LastTried.Count; i++)
        {
            int[] towards = new int[action.Length];
            WriteAllowed(current, teacher.LastTried[i], towards);
            double regret = teacher.LastRegrets[i] + (teacher.LastTried[i] == teacher.LastTried[0] ? 0 : ChangePrice);
            int same = found.FindIndex(other => other.Action.AsSpan().SequenceEqual(towards));
            if (same < 0)
                found.Add(new Alternative(towards, regret));
            else if (regret < found[same].Regret)
                found[same] = found[same] with { Regret = regret };
        }

        return found;
    }

    private void WriteAllowed(in KnobSettings current, in KnobSettings wanted, Span<int> towards)
    {
        KnobSpace.ActionTowards(current, wanted, towards);
        KnobSpace.ActionTowards(current, current, hold);
        int offset = 0;
        for (int head = 0; head < towards.Length; head++)
        {
            // What may not be done now is left as it is; what may not stay goes to the first value that may be.
            ReadOnlySpan<bool> own = allowed.AsSpan(offset, KnobSpace.HeadSizes[head]);
            if (!own[towards[head]])
                towards[head] = own[hold[head]] ? hold[head] : own.IndexOf(true);
            offset += own.Length;
        }
    }
}
