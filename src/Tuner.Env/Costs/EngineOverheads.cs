namespace Tuner.Env.Costs;

/// <summary>What an engine adds to its kernels.</summary>
/// <param name="StepSeconds">Host time of a step that no kernel hides.</param>
/// <param name="SequenceSeconds">Host time a sequence adds to a step.</param>
/// <param name="TokenSeconds">Host time a prompt token adds to a step.</param>
/// <param name="LayerSeconds">Norms, rotary embedding, residuals and activation of a layer at few tokens.</param>
/// <param name="EagerLayerSeconds">
/// Host time to launch a layer's kernels one by one: a step with prompts runs outside captured graphs and lasts at least as long as
/// launching all its layers.
/// </param>
/// <param name="LaunchSeconds">
/// Launch time that small kernels' tables include and a captured graph does not pay: subtracted from a product of at most 512 rows and from
/// decode attention, down to half of the measured time.
/// </param>
/// <param name="ElementwiseBytesPerSecond">Bandwidth those reach at many tokens.</param>
/// <param name="Source">Where the figures come from.</param>
public sealed record EngineOverheads(
    double StepSeconds,
    double SequenceSeconds,
    double TokenSeconds,
    double LayerSeconds,
    double EagerLayerSeconds,
    double LaunchSeconds,
    double ElementwiseBytesPerSecond,
    string Source);
