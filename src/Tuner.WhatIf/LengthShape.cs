using Tuner.Env.Traffic;

namespace Tuner.WhatIf;

/// <summary>Prompt and output lengths in the proportions of a traffic preset, stretched to what was observed.</summary>
/// <remarks>
/// A window tells a mean and a percentile, a simulation needs whole distributions, and those of the presets are fitted to published
/// statistics (<c>configs/traffic</c>). The nearest preset by mean lengths is taken; its prompts p become a·p^b, which keeps their order and the
/// shape of their logarithm and meets the observed mean and 90th percentile; its outputs are multiplied to meet theirs.
/// </remarks>
internal sealed class LengthShape
{
    private const int Requests = 4000;
    private const double LeastPower = 0.05;
    private const double MostPower = 3;

    private static readonly string[] Families = ["conversation", "code", "long-context", "reasoning"];
    private static readonly Lazy<LengthShape[]> Shapes = new(() => [.. Families.Select(name => new LengthShape(name))]);

    private readonly int[] prompts;
    private readonly int[] outputs;

    private LengthShape(string preset)
    {
        InferenceRequest[] requests = [.. TrafficPresets.Open(preset, seed: 1, seconds: 1e6, rate: 10).Take(Requests)];
        prompts = [.. requests.Select(request => request.PromptTokens)];
        outputs = [.. requests.Select(request => request.OutputTokens)];
        Class = requests[0].Class;
    }

    private LengthShape(int[] prompts, int[] outputs, TrafficClass trafficClass) => (this.prompts, this.outputs, Class) = (prompts, outputs, trafficClass);

    /// <summary>What kind of work the preset is.</summary>
    public TrafficClass Class { get; }

    /// <summary>How many pairs of lengths there are.</summary>
    public int Count => prompts.Length;

    /// <summary>The lengths of one request.</summary>
    public (int Prompt, int Output) this[int index] => (prompts[index], outputs[index]);

    /// <summary>The shape nearest to what was observed, fitted to it.</summary>
    /// <param name="load">What was observed.</param>
    /// <param name="mostTokens">Longest sequence served, tokens; longer ones would be turned away, and were not seen.</param>
    public static LengthShape For(ObservedLoad load, int mostTokens)
    {
        LengthShape nearest = Shapes.Value.MinBy(shape => Math.Abs(Math.Log(shape.prompts.Average() / load.PromptTokens)) + Math.Abs(Math.Log(shape.outputs.Average() / load.OutputTokens)))!;
        double power = nearest.Power(load.PromptTokensP90 / load.PromptTokens);
        double scale = load.PromptTokens / nearest.prompts.Average(tokens => Math.Pow(tokens, power));
        double factor = load.OutputTokens / nearest.outputs.Average();
        int[] fittedOutputs = [.. nearest.outputs.Select(tokens => Math.Clamp((int)Math.Round(tokens * factor), 1, Math.Max(1, mostTokens / 2)))];
        int[] fittedPrompts = [.. nearest.prompts.Select((tokens, i) => Math.Clamp((int)Math.Round(scale * Math.Pow(tokens, power)), 1, Math.Max(1, mostTokens - fittedOutputs[i])))];
        return new LengthShape(fittedPrompts, fittedOutputs, nearest.Class);
    }

    /// <summary>The power whose lengths have this ratio of 90th percentile to mean, or come nearest to it.</summary>
    private double Power(double ratio)
    {
        // The ratio grows with the power until the tail is so heavy that the mean outgrows the percentile: the rising part is looked through.
        double best = LeastPower;
        double miss = double.PositiveInfinity;
        double last = 0;
        for (double power = LeastPower; power <= MostPower; power += 0.05)
        {
            double[] lengths = [.. prompts.Select(tokens => Math.Pow(tokens, power)).Order()];
            double now = lengths[(int)(0.9 * lengths.Length)] / lengths.Average();
            if (now < last)
                break;
            last = now;
            if (Math.Abs(now - ratio) < miss)
                (best, miss) = (power, Math.Abs(now - ratio));
        }

        return best;
    }
}
