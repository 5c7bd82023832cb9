using Tuner.Env.Costs;

namespace Tuner.Env.Cluster;

/// <summary>The process in front of a replica, one thing after another: clients see a step's tokens when it has dealt with them.</summary>
internal struct FrontQueue
{
    private double free;

    /// <summary>Hands over the tokens of one step.</summary>
    /// <param name="front">Its speed.</param>
    /// <param name="end">When the step ended.</param>
    /// <param name="chunks">Sequences that gained tokens.</param>
    /// <param name="prompts">Of them, those that got their first.</param>
    /// <param name="promptTokens">Tokens of those prompts.</param>
    /// <returns>When clients see them.</returns>
    public double Step(FrontEnd front, double end, int chunks, int prompts, long promptTokens)
        => free = Math.Max(free, end) + (front.ChunkSeconds * chunks) + (front.RequestSeconds * prompts) + (front.PromptTokenSeconds * promptTokens);

    /// <summary>Hands over the tokens of a run of decode steps.</summary>
    /// <param name="front">Its speed.</param>
    /// <param name="start">When the run began.</param>
    /// <param name="run">The run.</param>
    /// <param name="steps">Its steps that are done.</param>
    /// <param name="chunks">Sequences that decode.</param>
    /// <returns>When clients see the last of them.</returns>
    public double Run(FrontEnd front, double start, in DecodeRun run, int steps, int chunks)
    {
        // It is done with step n at the maximum over j of (end of step j + (n − j + 1) · f), or n · f after what it had to do before. While steps
        // grow longer the ends are convex in j, and the maximum is at the first or the last; while they grow shorter it is at the last that
        // takes f or longer.
        double each = front.ChunkSeconds * chunks;
        double done = Math.Max(Math.Max(free, start + run.First) + (steps * each), start + run.Seconds(steps) + each);
        if (run.Growth < 0 && steps > 2)
        {
            int last = (int)Math.Clamp(1 + ((each - run.First) / run.Growth), 1, steps - 1);
            for (int j = last; j <= last + 1; j++)
                done = Math.Max(done, start + run.Seconds(j) + ((steps - j + 1) * each));
        }

        return free = done;
    }
}
