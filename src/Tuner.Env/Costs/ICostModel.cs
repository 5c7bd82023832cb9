namespace Tuner.Env.Costs;

/// <summary>Tells how long engine steps take on one kind of GPU.</summary>
public interface ICostModel
{
    /// <summary>Prepares the costs of one engine; called when settings change, not on the step path.</summary>
    IEngineCost For(EngineSpec engine);
}
