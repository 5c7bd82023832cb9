namespace Tuner.Env.Evaluation.BreakingEven;

/// <summary>How much one way of running beats another, over two quantities.</summary>
/// <param name="Name">What is compared, as a file name.</param>
/// <param name="Title">What is compared, in words.</param>
/// <param name="XName">First quantity.</param>
/// <param name="X">Its values, ascending.</param>
/// <param name="YName">Second quantity.</param>
/// <param name="Y">Its values, ascending.</param>
/// <param name="YIsLogarithmic">Whether the second quantity is spaced by factors.</param>
/// <param name="Ratio">Y × X: time per output token without over time with; above 1 it pays, NaN where one of them does not fit the memory.</param>
/// <param name="UnfitName">What the gaps mean.</param>
public sealed record RatioSurface(
    string Name,
    string Title,
    string XName,
    IReadOnlyList<double> X,
    string YName,
    IReadOnlyList<double> Y,
    bool YIsLogarithmic,
    double[,] Ratio,
    string UnfitName);
