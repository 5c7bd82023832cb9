using Tuner.Kernels.Calibration.Published;

namespace Tuner.Kernels.Calibration.InEngine;

/// <summary>Data sheets of boards whose kernels were timed inside an engine.</summary>
internal static class BoardFacts
{
    /// <summary>PCIe 5 and 4, 16 lanes, one direction.</summary>
    private const double Pcie5 = 64e9;
    private const double Pcie4 = 32e9;

    /// <summary>Latency of a message between two GPUs over PCIe: LLMServingSim 5daddb2, bench/examples/RTXPRO6000/Llama-3.1-8B/config.json, link_latency.</summary>
    private const double HopSeconds = 20e-6;

    /// <summary>
    /// NVIDIA, RTX PRO 6000 Blackwell Server Edition data sheet (2025): 96 GB, 1597 GB/s, 600 W, 503 dense 16-bit TFLOPS (half of the sparse figure).
    /// NVIDIA, Ada GPU architecture white paper (2022): RTX 4090 with 24 GB, 1008 GB/s, 450 W, 165 dense 16-bit TFLOPS.
    /// </summary>
    private static readonly Dictionary<string, DeviceFacts> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["rtxpro6000"] = new DeviceFacts(96.0 * (1 << 30), 1.597e12, 503e12, 600, Pcie5, Pcie5, HopSeconds),
        ["rtx4090"] = new DeviceFacts(24.0 * (1 << 30), 1.008e12, 165e12, 450, Pcie4, Pcie4, HopSeconds),
    };

    /// <summary>The data sheet of a board.</summary>
    /// <exception cref="CalibrationException">It is not known.</exception>
    public static DeviceFacts Of(string device) =>
        Known.TryGetValue(device, out DeviceFacts? facts) ? facts : throw new CalibrationException($"the data sheet of '{device}' is not known; known are {string.Join(", ", Known.Keys)}.");
}
