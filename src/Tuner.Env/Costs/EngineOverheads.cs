namespace Tuner.Env.Costs;

/// <summary>What an engine adds to its kernels.</summary>
/// <param name="StepSeconds">Host time of a step that no kernel hides.</param>
/// <param name="SequenceSeconds">Host time a sequence adds to a step.</param>
/// <param name="TokenSeconds">Host time a prompt token adds to a step.</param>
/// <param name="LayerSeconds">Norms, rotary embedding, residuals and activation of a layer at few tokens.</param>
/// <param name="ElementwiseBytesPerSecond">Bandwidth those reach at many tokens.</param>
/// <param name="Source">Where the figures come from.</param>
public sealed record EngineOverheads(
    double StepSeconds,
    double SequenceSeconds,
    double TokenSeconds,
    double LayerSeconds,
    double ElementwiseBytesPerSecond,
    string Source);
