using Tuner.Env.Costs;

namespace Tuner.Kernels.Calibration.InEngine;

/// <summary>Fits what prompts and decoding in one step cost beside each by itself.</summary>
internal static class MixedAttentionSurface
{
    /// <summary>Fits the grid to fresh prompts, and says how well it holds for prompts that continue a context.</summary>
    /// <param name="calls">Every attention call of one model and degree.</param>
    /// <param name="source">Where they come from.</param>
    /// <param name="label">What the errors are listed under.</param>
    public static (MixedAttentionTerm Term, FitError Error) Fit(IReadOnlyList<AttentionCall> calls, string source, string label)
    {
        Dictionary<(int, int), double> prompts = calls.Where(call => call.Sequences == 0).ToDictionary(call => (call.Chunk, call.Before), call => call.Seconds);
        Dictionary<(int, int), double> decodes = calls.Where(call => call.Chunk == 0).ToDictionary(call => (call.Sequences, call.Cached), call => call.Seconds);
        AttentionCall[] mixed = [.. calls.Where(call => call.Chunk > 0 && call.Sequences > 0 && prompts.ContainsKey((call.Chunk, call.Before)) && decodes.ContainsKey((call.Sequences, call.Cached)))];
        if (mixed.Length < 100)
            throw new CalibrationException($"{label}: {mixed.Length} calls with both a prompt and decoding sequences were found; at least 100 were expected.");
        int[] chunks = [.. mixed.Select(call => call.Chunk).Distinct().Order()];
        int[] sequences = [.. mixed.Select(call => call.Sequences).Distinct().Order()];
        int[] cached = [.. mixed.Select(call => call.Cached).Distinct().Order()];
        double[] logs = new double[chunks.Length * sequences.Length * cached.Length];
        Array.Fill(logs, double.NaN);
        int least = mixed.Min(call => call.Before);
        foreach (AttentionCall call in mixed.Where(call => call.Before == least))
            logs[(((Array.BinarySearch(chunks, call.Chunk) * sequences.Length) + Array.BinarySearch(sequences, call.Sequences)) * cached.Length) + Array.BinarySearch(cached, call.Cached)] = Log(call);
        var term = new MixedAttentionTerm(new ResidualGrid(chunks, sequences, cached, logs), 0, source);
        double[] errors = [.. mixed.Where(call => call.Before > least && call.Before <= call.Chunk).Select(call => Math.Log(term.Factor(call.Chunk, call.Sequences, (double)call.Sequences * call.Cached)) - Log(call))];
        return (term with { Spread = SurfaceErrors.Spread(errors) }, SurfaceErrors.Summarise(label, errors, "prompts that continue at most as many tokens; fitted to fresh ones"));

        double Log(AttentionCall call) => Math.Log(call.Seconds / (prompts[(call.Chunk, call.Before)] + decodes[(call.Sequences, call.Cached)]));
    }
}
