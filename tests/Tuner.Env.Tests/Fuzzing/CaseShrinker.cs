using Tuner.Policy.Knobs;

namespace Tuner.Env.Fuzzing;

/// <summary>Makes a failing case smaller: less traffic, fewer actions, a simpler scenario, rounder numbers.</summary>
internal static class CaseShrinker
{
    /// <summary>Cases one step smaller, the boldest first.</summary>
    public static IEnumerable<FuzzCase> Smaller(FuzzCase full)
    {
        foreach (FuzzRequest[] requests in WithoutSome(full.Requests))
            yield return full with { Requests = requests };
        foreach (FuzzAction[] actions in WithoutSome(full.Actions))
            yield return full with { Actions = actions };
        foreach (FuzzScenario scenario in Smaller(full.Scenario))
            yield return full with { Scenario = scenario };
        for (int i = 0; i < full.Actions.Length; i++)
        {
            foreach (FuzzAction action in Smaller(full.Actions[i]))
                yield return full with { Actions = Replaced(full.Actions, i, action) };
        }

        for (int i = 0; i < full.Requests.Length; i++)
        {
            foreach (FuzzRequest request in Smaller(full.Requests[i]))
                yield return full with { Requests = Replaced(full.Requests, i, request) };
        }

        if (full.CutSeconds < 1e6)
            yield return full with { CutSeconds = 1e6 };
    }

    private static IEnumerable<FuzzScenario> Smaller(FuzzScenario full)
    {
        for (int mode = 1; mode < full.Layouts.Length; mode++)
        {
            if (full.Layouts[mode] is not null)
                yield return full with { Layouts = Replaced(full.Layouts, mode, null) };
        }

        for (int mode = 0; mode < full.Layouts.Length; mode++)
        {
            if (full.Layouts[mode] is not { } pools)
                continue;
            if (pools.Length > 1)
                yield return full with { Layouts = Replaced(full.Layouts, mode, [pools[0] with { MaxPrompt = int.MaxValue }]) };
            if (pools.Any(pool => pool.Replicas > 1))
                yield return full with { Layouts = Replaced(full.Layouts, mode, [.. pools.Select(pool => pool with { Replicas = 1 })]) };
        }

        if (full.Drafts.Length > 0)
            yield return full with { Drafts = full.Drafts[..^1] };
        if (full.Batches.Length > 1)
            yield return full with { Batches = [full.Batches[0]] };
        if (full.Batches.Length > 1)
            yield return full with { Batches = full.Batches[1..] };
        if (full.Waits.Length > 1)
            yield return full with { Waits = [0] };
        if (full.HostBytes > 0)
            yield return full with { HostBytes = 0 };
        if (full.KvTokens > 0)
            yield return full with { KvTokens = 0 };
        if (full.LayoutSeconds > 0)
            yield return full with { LayoutSeconds = 0 };
        if (full.ChangeSeconds > 0)
            yield return full with { ChangeSeconds = 0 };
        if (full.BothResident)
            yield return full with { BothResident = false };
        if (full.Loss > 0)
            yield return full with { Loss = 0 };
    }

    private static IEnumerable<FuzzAction> Smaller(FuzzAction full)
    {
        for (int head = 0; head < full.Heads.Length; head++)
        {
            int still = (Knob)head is Knob.MaxBatch or Knob.BatchWait or Knob.Draft ? (int)LadderMove.Keep : 0;
            if (full.Heads[head] != still)
                yield return full with { Heads = Replaced(full.Heads, head, still) };
        }

        foreach (double gap in Smaller(full.Gap))
            yield return full with { Gap = gap };
    }

    private static IEnumerable<FuzzRequest> Smaller(FuzzRequest full)
    {
        if (full.Blocks > 0)
            yield return full with { Blocks = 0, Session = 0 };
        foreach (int blocks in Smaller(full.Blocks, 1))
            yield return full with { Blocks = blocks };
        foreach (int output in Smaller(full.Output, 1))
            yield return full with { Output = output };
        foreach (int prompt in Smaller(full.Prompt, 1))
            yield return full with { Prompt = prompt };
        foreach (double gap in Smaller(full.Gap))
            yield return full with { Gap = gap };
    }

    private static IEnumerable<int> Smaller(int value, int least)
    {
        if (value <= least)
            yield break;
        yield return least;
        if (value / 2 > least)
            yield return value / 2;
        if (value - 1 > least)
            yield return value - 1;
    }

    /// <summary>Nothing, or fewer digits: what remains must get smaller or the search would never end.</summary>
    private static IEnumerable<double> Smaller(double value)
    {
        if (value == 0)
            yield break;
        yield return 0;
        for (int digits = 0; digits < 4; digits++)
        {
            double rounded = Math.Round(value, digits, MidpointRounding.ToZero);
            if (rounded > 0 && rounded < value)
                yield return rounded;
        }
    }

    /// <summary>Without half of the items, a quarter, and so on down to one.</summary>
    private static IEnumerable<T[]> WithoutSome<T>(T[] items)
    {
        for (int size = (items.Length + 1) / 2; size > 0; size = size == 1 ? 0 : (size + 1) / 2)
        {
            for (int at = 0; at < items.Length; at += size)
                yield return [.. items[..at], .. items[Math.Min(items.Length, at + size)..]];
        }
    }

    private static T[] Replaced<T>(T[] items, int index, T item)
    {
        T[] copy = [.. items];
        copy[index] = item;
        return copy;
    }
}
