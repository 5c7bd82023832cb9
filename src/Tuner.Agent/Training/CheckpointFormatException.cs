namespace Tuner.Agent.Training;

/// <summary>A file is not a checkpoint this build can resume; the message says why in one sentence.</summary>
public sealed class CheckpointFormatException(string message) : Exception(message);
