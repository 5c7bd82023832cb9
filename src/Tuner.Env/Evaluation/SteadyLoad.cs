using System.Runtime.CompilerServices;
using Tuner.Env.Costs;

namespace Tuner.Env.Evaluation;

/// <summary>One configuration under a closed loop's load, and the step times its cycle is made of.</summary>
/// <param name="cost">The engine.</param>
/// <param name="n">Requests the engine holds.</param>
/// <param name="prompt">Prompt tokens of each.</param>
/// <param name="output">Output tokens of each.</param>
/// <param name="options">How the engine batches.</param>
/// <param name="rate">Tokens a decode step yields a sequence.</param>
internal readonly ref struct SteadyLoad(IEngineCost cost, int n, int prompt, int output, ClosedLoopOptions options, double rate)
{
    // Abscissae of the two-point Gauss-Legendre rule on [0, 1].
    private const double Early = 0.21132486540518712;
    private const double Late = 1 - Early;

    // Mixed steps and the sequences decoding in them depend on each other; this many substitutions settle within a per cent.
    private const int Passes = 3;

    private readonly int verified = cost.Engine.DraftTokens + 1;

    // Prompt tokens that are not in the prefix cache.
    private readonly int fresh = prompt - (int)(options.CachedShare * prompt);

    /// <summary>The benchmark's figures.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public ClosedLoopResult Solve()
    {
        double turnaround = options.TurnaroundSeconds;
        double decodeSteps = Math.Ceiling((output - 1) / rate);
        (double decode, double decodeJoules) = output > 1 ? Decode() : (0, 0);
        double mixedSteps = 1;
        double mixed = 0;
        double mixedJoules = 0;
        double filled = 1;
        double own = 1;
        double queued = 1;
        double decoding = 0;

        // A step that is prepared while the one before runs takes in what had come before that one began.
        double ahead = options.Schedule.OverlapsSteps && n > 1 ? 1 : 0;
        for (int pass = 1; pass <= Passes; pass++)
        {
            double budget = Math.Max(16, options.TokenBudget - (decoding * verified));
            if (!options.Schedule.ChunksPrompts)
                budget = fresh * Math.Max(1, Math.Floor(budget / fresh));
            double full = n * fresh / budget;
            filled = Math.Max(1, fresh > budget ? full : Math.Ceiling(full - 1e-9));
            mixedSteps = pass == 1 ? filled : Math.Clamp(filled + (turnaround / mixed), filled, Math.Max(filled, n));
            double fullness = full < 1 ? 0 : Math.Min(1, full / mixedSteps);

            // A prompt in chunks shares its first and last step with its neighbours in the queue: the first and last of a run have one.
            double shared = n == 1 || !options.Schedule.ChunksPrompts ? 0 : fullness * (1 - (2.0 / n));
            double alone = Math.Max(1, fresh / budget);
            own = ((1 - shared) * alone) + (shared * Math.Max(Math.Ceiling(fresh / budget), 1 + (fresh / budget)));
            own = Math.Min(own, filled);
            queued = (n == 1 ? 0 : fresh > budget ? shared : 1) + ahead;
            decoding = decodeSteps + own + queued < mixedSteps ? n * decodeSteps / mixedSteps : Math.Clamp(n - (n / mixedSteps * (own + queued)), 0, n - 1);
            (mixed, mixedJoules) = Mixed(mixedSteps, decoding, fullness, pass == Passes && n > 1);
        }

        // The process in front passes on what a step gave while the next one runs.
        double passDecode = output > 1 ? options.FrontEnd.ChunkSeconds * n : 0;
        double passMixed = (options.FrontEnd.ChunkSeconds * (decoding + (n / mixedSteps))) + (options.FrontEnd.PromptTokenSeconds * prompt * n / mixedSteps);
        double away = own + queued;
        double first = (own * mixed) + ((Math.Ceiling(own) - own) * decode) + passMixed;
        double others = Math.Min(decodeSteps, Math.Max(0, mixedSteps - away));
        double decodeSpan = (others * mixed) + ((decodeSteps - others) * decode);
        decodeSpan = Math.Max(0.5 * decodeSpan, decodeSpan + passDecode - passMixed);
        double pause = 0.5 * turnaround;
        double mixedShare = n == 1 ? 0 : fresh > options.TokenBudget ? Math.Min(1, queued - ahead) : 1 - (1 / mixedSteps);
        double wait = n == 1 ? 0 : (mixedShare * (Residual(mixed) + (ahead * mixed))) + ((1 - mixedShare) * (Residual(decode) + (ahead * decode)));
        double ttft = first + wait;

        // Where the steps of a cycle cannot carry all prompts, prompts queue for the rest of it.
        double cycle = Math.Max(pause + ttft + decodeSpan, mixedSteps * mixed);
        ttft = Math.Max(ttft, cycle - pause - decodeSpan);
        double joules = (mixedSteps * mixedJoules) + ((decodeSteps - others) * decodeJoules);
        double burst = (0.5 * (filled + own) * mixed * prompt / fresh) + passMixed;
        double meanTtft = (burst + ((options.Rounds - 1) * ttft)) / options.Rounds;
        double tokensPerSecond = n * output / cycle;
        return new ClosedLoopResult(
            meanTtft,
            output > 1 ? decodeSpan / (output - 1) : 0,
            tokensPerSecond,
            joules / ((double)n * output),
            cycle / (decodeSteps + away));
    }

    /// <summary>Mean time from a client's return, evenly spread over the turnaround from the start of a step on, to the end of that step.</summary>
    private double Residual(double step)
    {
        double turnaround = options.TurnaroundSeconds;
        return step >= turnaround ? step - (0.5 * turnaround) : 0.5 * step;
    }

    private (double Seconds, double Joules) Decode()
    {
        (double early, double earlyJoules) = Round(0, 0, n, prompt + 1 + (Early * (output - 1)));
        (double late, double lateJoules) = Round(0, 0, n, prompt + 1 + (Late * (output - 1)));
        return (0.5 * (early + late), 0.5 * (earlyJoules + lateJoules));
    }

    // A step that fills the budget has as many rows as the budget; others have any number, of which every fourth is quick.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (double Seconds, double Joules) Mixed(double steps, double decoding, double fullness, bool everyRemainder)
    {
        double tokens = Math.Max(1, Math.Round((double)n * fresh / steps));
        decoding = Math.Round(decoding);
        double context = prompt + (0.5 * output);
        if (!everyRemainder)
            return Round(tokens, n / steps, decoding, context);
        double aligned = Math.Max(1, tokens - ((tokens + (decoding * verified)) % 4));
        (double full, double fullJoules) = Round(aligned, n / steps, decoding, context);
        (double ragged, double raggedJoules) = Round(aligned + 2, n / steps, decoding, context);
        double weight = fullness + (0.25 * (1 - fullness));
        return ((weight * full) + ((1 - weight) * ragged), (weight * fullJoules) + ((1 - weight) * raggedJoules));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (double Seconds, double Joules) Round(double tokens, double completed, double decoding, double context)
    {
        // Micro-batches of a pipeline follow one another, as in the closed loop.
        double stages = cost.Engine.PipelineParallel;
        double parts = Math.Clamp(Math.Floor(Math.Max(decoding, tokens / 16)), 1, stages);
        double share = 1 / parts;
        StepCost step = cost.Step(new BatchShape(
            (int)Math.Ceiling(tokens * share),
            tokens > 0 ? (int)Math.Ceiling(Math.Max(1, tokens / fresh) * share) : 0,
            tokens * share * (prompt - (0.5 * fresh)),
            0,
            (int)Math.Ceiling(completed * share),
            (int)Math.Ceiling(decoding * share),
            decoding * context * share));
        return (stages * (step.StageSeconds + step.HopSeconds), step.Joules * parts);
    }
}
