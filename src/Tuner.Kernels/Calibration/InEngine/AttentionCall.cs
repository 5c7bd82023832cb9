namespace Tuner.Kernels.Calibration.InEngine;

/// <summary>One timed attention call of an engine's step.</summary>
/// <param name="Chunk">Prompt tokens; 0 without a prompt.</param>
/// <param name="Before">Cached tokens of that prompt before them.</param>
/// <param name="Sequences">Sequences that decode; 0 without any.</param>
/// <param name="Cached">Cached tokens of each of those.</param>
/// <param name="Seconds">Time of the call.</param>
internal readonly record struct AttentionCall(int Chunk, int Before, int Sequences, int Cached, double Seconds);
