namespace Tuner.Policy.Safety;

/// <summary>What must outlive the process of a quality budget.</summary>
/// <param name="Saved">Points·requests saved (positive) or overdrawn.</param>
/// <param name="RequestsPerWindow">Requests of an average window, at least 0.</param>
/// <param name="OutputTokens">Output tokens of an average request; 0 before the first.</param>
internal readonly record struct QualityAccount(double Saved, double RequestsPerWindow, double OutputTokens);
