namespace Tuner.Env.Scenarios;

/// <summary>The host-memory tier behind the KV cache.</summary>
/// <param name="BytesPerGpu">Host memory set aside for each GPU's evicted KV blocks.</param>
/// <param name="LinkBytesPerSecond">Host-to-device bandwidth of one GPU, one way, as achieved; null takes what the hardware profile says.</param>
public sealed record HostCacheSpec(double BytesPerGpu, double? LinkBytesPerSecond);
