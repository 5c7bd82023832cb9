namespace Tuner.Kernels.Calibration.Published;

/// <summary>The speculation sweep, predicted and compared.</summary>
/// <param name="Points">Every row with speculation.</param>
/// <param name="Errors">Errors of what was fitted to and of what was kept.</param>
/// <param name="BreakEvens">Where each setting begins to lose.</param>
public sealed record SpeculationReport(IReadOnlyList<SpeculationPoint> Points, IReadOnlyList<SpeculationError> Errors, IReadOnlyList<BreakEven> BreakEvens)
{
    /// <summary>Largest mean error asked of the model, in multiples of the speed without speculation.</summary>
    public const double Asked = 0.12;

    /// <summary>Most measured concurrencies a break-even may be off.</summary>
    public const int AskedSteps = 1;
}
