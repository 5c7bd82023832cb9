namespace Tuner.Policy.Safety;

/// <summary>Why a window is not decided on.</summary>
/// <param name="Kind">One word for metrics: <c>missing</c>, <c>failed</c>, <c>stale</c>, <c>unsound</c>, <c>unseen</c>.</param>
/// <param name="Detail">One sentence for people.</param>
internal sealed record Refusal(string Kind, string Detail);
