namespace Tuner.Kernels.Calibration.Published;

/// <summary>Splits benchmarks by configuration: every second model, GPU count and length is fitted to, the others are kept to judge by.</summary>
/// <param name="samples">All benchmarks, so that the split does not depend on which of them are looked at.</param>
public sealed class ConfigurationHalves(IEnumerable<EndToEndSample> samples)
{
    private readonly HashSet<string> fitted = [.. samples.Select(Key).Distinct().Order(StringComparer.Ordinal).Where((_, i) => i % 2 == 0)];

    /// <summary>Whether engines' overheads may be fitted to this benchmark.</summary>
    public bool IsFitted(EndToEndSample sample) => fitted.Contains(Key(sample));

    private static string Key(EndToEndSample sample) => $"{sample.Device}|{sample.Engine}|{sample.Model}|{sample.Weights}|{sample.Tensor}|{sample.DataParallel}|{sample.ExpertParallel}|{sample.PromptTokens:D6}|{sample.OutputTokens:D6}";
}
