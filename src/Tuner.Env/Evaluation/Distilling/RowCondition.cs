namespace Tuner.Env.Evaluation.Distilling;

/// <summary>One condition of a row: a field lies above one number, up to another.</summary>
/// <param name="Field">The field.</param>
/// <param name="Above">It is more than this; −∞ where there is no lower bound.</param>
/// <param name="UpTo">It is at most this; +∞ where there is no upper bound.</param>
public sealed record RowCondition(PlainField Field, double Above, double UpTo);
