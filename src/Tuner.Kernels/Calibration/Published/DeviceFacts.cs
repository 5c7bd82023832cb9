using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>What a GPU's data sheet says, as aiconfigurator keeps it in <c>systems/&lt;gpu&gt;_sxm.yaml</c>.</summary>
/// <param name="MemoryBytes">Memory.</param>
/// <param name="MemoryBytesPerSecond">Peak bandwidth of that memory.</param>
/// <param name="Bf16FlopsPerSecond">Peak dense 16-bit rate.</param>
/// <param name="TdpWatts">Power limit.</param>
/// <param name="PeerBytesPerSecond">Link to the other GPUs of a node, one direction.</param>
/// <param name="HostBytesPerSecond">Link to the host, one direction.</param>
/// <param name="HopSeconds">Latency of a message between GPUs of a node.</param>
public sealed record DeviceFacts(
    double MemoryBytes,
    double MemoryBytesPerSecond,
    double Bf16FlopsPerSecond,
    double TdpWatts,
    double PeerBytesPerSecond,
    double HostBytesPerSecond,
    double HopSeconds)
{
    /// <summary>Reads the facts of a GPU.</summary>
    /// <param name="folder">The folder that holds <c>aiconfigurator/</c>.</param>
    /// <param name="device">The GPU's short name, such as <c>h200</c>.</param>
    /// <exception cref="CalibrationException">The file is missing, malformed or lacks a figure.</exception>
    public static DeviceFacts Read(string folder, string device)
    {
        string path = Path.Combine(folder, "aiconfigurator", "systems", device + "_sxm.yaml");
        if (!File.Exists(path))
            throw new CalibrationException($"{path}: no such file; the data sheet of '{device}' was expected there.");
        var yaml = new YamlStream();
        try
        {
            using var reader = new StreamReader(path);
            yaml.Load(reader);
        }
        catch (YamlException wrong)
        {
            throw new CalibrationException($"{path}:{wrong.Start.Line}: {wrong.Message}", wrong);
        }

        YamlNode root = yaml.Documents[0].RootNode;
        return new DeviceFacts(
            Number("gpu", "mem_capacity"),
            Number("gpu", "mem_bw"),
            Number("gpu", "bfloat16_tc_flops"),
            Number("gpu", "power"),
            Number("node", "intra_node_bw"),
            Number("node", "pcie_bw"),
            Number("node", "p2p_latency"));

        double Number(string section, string key) =>
            root is YamlMappingNode sections && sections.Children.TryGetValue(section, out YamlNode? found)
            && found is YamlMappingNode entries && entries.Children.TryGetValue(key, out YamlNode? value)
            && double.TryParse(value.ToString(), System.Globalization.CultureInfo.InvariantCulture, out double number)
                ? number
                : throw new CalibrationException($"{path}: a number was expected at {section}.{key}.");
    }
}
