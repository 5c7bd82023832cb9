using Tuner.Policy.Knobs;

namespace Tuner.Env.Evaluation;

/// <summary>How much one field of the observation moves a policy's mind about one knob.</summary>
/// <param name="Field">The field's name.</param>
/// <param name="Knob">The knob.</param>
/// <param name="Shift">
/// Probability that changes hands between the knob's values when the field moves by the step, 0 to 1: the total variation
/// distance, ½ Σ|p − q|, as a mean over windows and both directions.
/// </param>
public sealed record FieldSensitivity(string Field, Knob Knob, double Shift);
