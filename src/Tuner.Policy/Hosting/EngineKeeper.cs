using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Tuner.Policy.Knobs;

namespace Tuner.Policy.Hosting;

/// <summary>Changes the engine's settings so that, whatever fails and whenever the process dies, they end at known ones.</summary>
/// <remarks>
/// A change is written down before the engine is touched, believed only once read back, and written down again. What
/// goes wrong leads to the last good settings, and where these do not take, to the operator's.
/// </remarks>
internal sealed class EngineKeeper(IKnobActuator engine, StateFile file, TunerOptions options, TimeProvider time, ILogger logger)
{
    private TunerState? state;
    private long changedAt;

    /// <summary>The state; the operator's settings and what ran last among it.</summary>
    /// <exception cref="InvalidOperationException">The engine has not been seen yet.</exception>
    public TunerState State => state ?? throw new InvalidOperationException("The engine's settings have not been read yet.");

    /// <summary>Whether it is known what the engine runs with.</summary>
    public bool Known { get; private set; }

    /// <summary>What stands in the way of knowing.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>Time since settings last changed, or since the start.</summary>
    public TimeSpan SinceChange => changedAt == 0 ? TimeSpan.Zero : time.GetElapsedTime(changedAt);

    /// <summary>Reads back what runs, and puts right what a crash or a failure left half done.</summary>
    /// <returns>Whether the settings were changed by something other than a finished change of ours: everything should rest.</returns>
    public async Task<bool> ReconcileAsync(CancellationToken cancellation)
    {
        KnobSettings? seen = await ReadBackAsync(cancellation).ConfigureAwait(false);
        if (seen is not { } now)
        {
            Known = false;
            return false;
        }

        bool first = state is null;
        state ??= ReadState() ?? new TunerState { Operator = options.OperatorSettings ?? now, LastGood = now, Current = now };
        if (options.OperatorSettings is { } told && told != State.Operator)
            state = State with { Operator = told };

        bool proven = now == State.Operator || now == State.LastGood;
        if (State.Intent is { } intent)
        {
            await FinishAsync(intent, now, proven, first, cancellation).ConfigureAwait(false);
        }
        else if (now != State.Current)
        {
            Log.ChangedElsewhere(logger, KnobSettings.Difference(State.Current, now));
            Settle(now, State with { LastGood = now });
            Known = true;
        }
        else if (first && !proven)
        {
            // A trial does not outlive its process: what had not proved good is taken back.
            intent = new ChangeIntent(now, State.LastGood, "unproven");
            Write(State with { Intent = intent });
            await FinishAsync(intent, now, proven, first, cancellation).ConfigureAwait(false);
        }
        else
        {
            Known = true;
            if (!first)
                return false;
            Settle(now);
        }

        changedAt = time.GetTimestamp();
        return true;
    }

    /// <summary>Makes the engine run with other settings.</summary>
    /// <param name="to">The settings.</param>
    /// <param name="reason">One word or two for logs and metrics.</param>
    /// <param name="proven">Whether they count as good at once: a roll-back or the operator's own.</param>
    /// <param name="cancellation">Fires when the host stops.</param>
    /// <returns>Whether the engine says it runs with them.</returns>
    public async Task<bool> ChangeAsync(KnobSettings to, string reason, bool proven, CancellationToken cancellation)
    {
        TunerState before = State;
        string difference = KnobSettings.Difference(before.Current, to);
        if (!Write(before with { Intent = new ChangeIntent(before.Current, to, reason), Acted = true }) && !proven)
        {
            Problem = "the intent could not be written, so the engine was not touched";
            state = before;
            return false;
        }

        long started = time.GetTimestamp();
        string? problem = await ApplyAsync(to, cancellation).ConfigureAwait(false);
        KnobSettings? now = await ReadBackAsync(CancellationToken.None).ConfigureAwait(false);
        TunerTelemetry.ChangeTime.Record(time.GetElapsedTime(started).TotalSeconds);
        bool done = now == to;
        TunerTelemetry.Changes.Add(1, new("reason", reason), new("result", done ? "done" : "failed"));
        changedAt = time.GetTimestamp();
        if (done)
        {
            Known = true;
            Settle(to, State with { LastGood = proven ? to : before.LastGood, Acted = to != before.Operator });
            Log.Changed(logger, difference, reason);
            return true;
        }

        Problem = problem ?? (now is null ? Problem : $"asked for {difference}, the engine reads back otherwise ({KnobSettings.Difference(to, now.Value)})");
        Known = now == before.Current || await SettleAsync(before, "recovery", CancellationToken.None).ConfigureAwait(false);
        if (now == before.Current)
            Settle(before.Current, before);
        if (Known)
            Log.ChangeFailed(logger, difference, Problem, State.Current);
        else
            Log.Unknown(logger, Problem);
        return false;
    }

    /// <summary>Says that what runs has proved good.</summary>
    public void Promote() => Write(State with { LastGood = State.Current });

    /// <summary>Ends a change that was left open: by the end of the last run, or, in this one, by an engine that could not be reached.</summary>
    private async Task FinishAsync(ChangeIntent intent, KnobSettings now, bool proven, bool first, CancellationToken cancellation)
    {
        Known = proven || await SettleAsync(State, "recovery", cancellation).ConfigureAwait(false);
        if (proven)
            Settle(now, State with { LastGood = now, Acted = now != State.Operator });
        if (!Known)
            Log.Unknown(logger, Problem);
        else if (first)
            Log.Interrupted(logger, intent.Reason, State.Current);
        else
            Log.Recovered(logger, intent.Reason, State.Current);
    }

    /// <summary>Applies the last good settings, else the operator's.</summary>
    private async Task<bool> SettleAsync(TunerState before, string reason, CancellationToken cancellation)
    {
        foreach (KnobSettings target in new[] { before.LastGood, before.Operator }.Distinct())
        {
            string? problem = await ApplyAsync(target, cancellation).ConfigureAwait(false);
            KnobSettings? now = await ReadBackAsync(CancellationToken.None).ConfigureAwait(false);
            TunerTelemetry.Changes.Add(1, new("reason", reason), new("result", now == target ? "done" : "failed"));
            if (now == target)
            {
                Settle(target, before with { LastGood = target, Acted = target != before.Operator });
                return true;
            }

            Problem = problem ?? Problem;
        }

        return false;
    }

    private void Settle(KnobSettings now, TunerState? next = null)
        => Write((next ?? State) with { Current = now, Intent = null });

    private bool Write(TunerState next)
    {
        state = next;
        try
        {
            file.Write(next);
            return true;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Log.NotWritten(logger, problem.Message);
            return false;
        }
    }

    private TunerState? ReadState()
    {
        try
        {
            return file.Read();
        }
        catch (JsonException)
        {
            Log.StateDamaged(logger);
            return null;
        }
    }

    private async Task<string?> ApplyAsync(KnobSettings to, CancellationToken cancellation)
    {
        using Activity? activity = TunerTelemetry.Activities.StartActivity("tuner.apply");
        (_, string? problem) = await Deadline.RunAsync(
            async stop =>
            {
                await engine.ApplyAsync(to, stop).ConfigureAwait(false);
                return true;
            },
            options.ApplyTimeout, time, cancellation).ConfigureAwait(false);
        activity?.SetStatus(problem is null ? ActivityStatusCode.Ok : ActivityStatusCode.Error, problem);
        return problem;
    }

    private async Task<KnobSettings?> ReadBackAsync(CancellationToken cancellation)
    {
        (KnobSettings now, string? problem) = await Deadline.RunAsync(engine.ReadBackAsync, options.ReadTimeout, time, cancellation).ConfigureAwait(false);
        if (problem is not null)
            Problem = $"reading back failed: {problem}";
        return problem is null ? now : null;
    }
}
