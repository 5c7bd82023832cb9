using Tuner.Policy.Knobs;

namespace Tuner.Policy.Safety;

/// <summary>How often knobs are turned: a rest for each, and a number of changes a minute for all.</summary>
internal sealed class ChangePace(TimeProvider time)
{
    private readonly long?[] turned = new long?[KnobSpace.HeadCount];
    private readonly Queue<long> changes = new();

    /// <summary>Whether a knob may be turned now.</summary>
    public bool Allows(Knob knob, KnobCapability capability, SafetyOptions options)
    {
        if (capability == KnobCapability.None)
            return false;
        while (changes.TryPeek(out long first) && time.GetElapsedTime(first) >= TimeSpan.FromMinutes(1))
            changes.Dequeue();
        TimeSpan rest = capability == KnobCapability.Live ? options.CoolDown : options.HeavyCoolDown;
        return changes.Count < options.MaxChangesPerMinute
            && (turned[(int)knob] is not { } last || time.GetElapsedTime(last) >= rest);
    }

    /// <summary>Counts a change.</summary>
    public void Changed(in KnobSettings from, in KnobSettings to)
    {
        long now = time.GetTimestamp();
        changes.Enqueue(now);
        for (int head = 0; head < KnobSpace.HeadCount; head++)
        {
            if (from[(Knob)head] != to[(Knob)head])
                turned[head] = now;
        }
    }

    /// <summary>Lets every knob rest from now on.</summary>
    public void RestAll() => Array.Fill(turned, time.GetTimestamp());
}
