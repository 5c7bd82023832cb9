namespace Tuner.Kernels.Launching;

/// <summary>One launch parameter and the values it may take.</summary>
/// <param name="Name">Its name, such as <c>block_size_x</c>.</param>
/// <param name="Values">Its values, ascending, each once.</param>
public sealed record LaunchAxis(string Name, IReadOnlyList<int> Values);
