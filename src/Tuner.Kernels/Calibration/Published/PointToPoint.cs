using MathNet.Numerics.Statistics;
using Tuner.Env.Costs;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>Messages from one GPU to another of the same node, from Vidur's <c>network/&lt;gpu&gt;_dgx/send_recv</c>.</summary>
/// <remarks>
/// GPUs without a table take that of the H100, the time beyond the smallest message scaled by the bandwidth of the links: H200 has the same
/// NVLink, B200 twice the bandwidth. Those are analytic.
/// </remarks>
internal static class PointToPoint
{
    private const string Reference = "h100";
    private const int SizesAnOctave = 2;

    /// <summary>The term of a GPU; null where not even the reference has a table.</summary>
    /// <exception cref="CalibrationException">The table is malformed.</exception>
    public static CollectiveTerm? Run(string folder, string device)
    {
        if (Read(folder, device) is { } own)
            return new CollectiveTerm(CollectiveOperation.PointToPoint, false, 2, Provenance.Published, own.Bytes, own.Seconds);
        if (Read(folder, Reference) is not { } other)
            return null;
        double slower = DeviceFacts.Read(folder, Reference).PeerBytesPerSecond / DeviceFacts.Read(folder, device).PeerBytesPerSecond;
        double floor = other.Seconds[0];
        return new CollectiveTerm(CollectiveOperation.PointToPoint, false, 2, Provenance.Analytic, other.Bytes, [.. other.Seconds.Select(seconds => floor + (slower * (seconds - floor)))]);
    }

    // Times are in whole microseconds: means over half a factor of two of sizes are finer than any one.
    private static (double[] Bytes, double[] Seconds)? Read(string folder, string device)
    {
        string path = Path.Combine(folder, "vidur", "network", device + "_dgx", "send_recv");
        if (TableFile.Find(path) is null)
            return null;
        Table table = TableFile.Read(path);
        double[] bytes = table.Numbers("size");
        double[] milliseconds = table.Numbers("time_stats.send_recv.median");
        int[] workers = table.Integers("num_workers");
        int[] aNode = table.Integers("devices_per_node");
        var bins = Enumerable.Range(0, table.Rows)
            .Where(row => workers[row] == 2 && aNode[row] == 2)
            .GroupBy(row => Math.Round(SizesAnOctave * Math.Log2(bytes[row])))
            .OrderBy(bin => bin.Key)
            .Select(bin => (Bytes: bin.Average(row => bytes[row]), Seconds: bin.Select(row => milliseconds[row]).Mean() / 1000))
            .ToArray();
        if (bins.Length < 3)
            throw new CalibrationException($"{Path.GetFileName(path)}: {bins.Length} sizes between two GPUs of a node were found; at least 3 were expected.");
        return ([.. bins.Select(bin => bin.Bytes)], CollectiveSurface.Isotonic([.. bins.Select(bin => bin.Seconds)]));
    }
}
