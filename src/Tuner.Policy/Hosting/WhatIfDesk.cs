using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Tuner.Policy.Hosting;

/// <summary>Puts questions to an <see cref="IWhatIf"/> beside the loop: whatever it does, no window waits for it and nothing escapes.</summary>
/// <param name="whatIf">Gives the one to ask; called inside the question, so that what its constructor throws is a failed answer.</param>
/// <param name="limit">How long an answer may take.</param>
/// <param name="time">Measures that.</param>
/// <param name="logger">Hears, once in a row, why answers fail.</param>
internal sealed class WhatIfDesk(Func<IWhatIf> whatIf, TimeSpan limit, TimeProvider time, ILogger logger)
{
    private readonly ConcurrentQueue<(string Id, PredictedEffect Effect)> answers = [];
    private int asking;
    private bool failing;

    /// <summary>The last question's end, for tests: a question that was given up has ended.</summary>
    internal Task Last { get; private set; } = Task.CompletedTask;

    /// <summary>Puts a question unless one is still being answered, be it in vain.</summary>
    /// <param name="id">The decision asked about.</param>
    /// <param name="question">The question.</param>
    /// <param name="cancellation">Fires when the host stops.</param>
    public void Ask(string id, WhatIfQuestion question, CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref asking, 1) == 1)
        {
            Count("busy");
            return;
        }

        Last = AnswerAsync(id, question, cancellation);
    }

    /// <summary>An answer that has come; false when there is none.</summary>
    public bool TryTake(out (string Id, PredictedEffect Effect) answer) => answers.TryDequeue(out answer);

    private static void Count(string result) => TunerTelemetry.Predictions.Add(1, new KeyValuePair<string, object?>("result", result));

    private async Task AnswerAsync(string id, WhatIfQuestion question, CancellationToken cancellation)
    {
        long started = time.GetTimestamp();
        (PredictedEffect? effect, string? problem) = await Deadline.RunAsync(
            async stop =>
            {
                try
                {
                    return await whatIf().PredictAsync(question, stop).ConfigureAwait(false);
                }
                finally
                {
                    // Not before: an answer given up may still be at work, and another beside it would take another core.
                    Volatile.Write(ref asking, 0);
                }
            },
            limit, time, cancellation).ConfigureAwait(false);
        TunerTelemetry.PredictionTime.Record(time.GetElapsedTime(started).TotalSeconds);
        if (problem is null)
        {
            failing = false;
            Count(effect is null ? "nothing" : "made");
            if (effect is not null)
                answers.Enqueue((id, effect));
            return;
        }

        Count("failed");
        if (!failing && !cancellation.IsCancellationRequested)
            Log.NotPredicted(logger, problem);
        failing = true;
    }
}
