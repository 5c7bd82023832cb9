namespace Tuner.Env;

/// <summary>An environment whose heads set something that stays until it is set again.</summary>
public interface ISettingsEnvironment : IEnvironment
{
    /// <summary>Writes the action that would change nothing now, one value a head; the mask may forbid it.</summary>
    /// <remarks>It is asked each time: an episode may begin anywhere, and what was wanted need not be what came to be.</remarks>
    void WriteHold(Span<int> action);
}
