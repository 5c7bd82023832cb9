using System.Text.Json;
using Tuner.Policy.Files;
using Tuner.Policy.Knobs;
using Tuner.Policy.Safety;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Hosting;

/// <summary>The quality ledger and its file, so that a restart neither forgives nor forgets.</summary>
internal sealed class QualityKeeper
{
    /// <summary>A crash loses no more of the account than this.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    private readonly QualityLedger ledger;
    private readonly string path;
    private readonly TimeProvider time;
    private long written;

    /// <summary>Takes up the account where it was left; a damaged file begins a new one, with nothing saved.</summary>
    public QualityKeeper(ServingContract contract, string path, TimeProvider time)
    {
        (this.path, this.time, ledger) = (path, time, new QualityLedger(contract));
        written = time.GetTimestamp();
        try
        {
            if (File.Exists(path))
                ledger.Account = JsonSerializer.Deserialize(File.ReadAllBytes(path), HostingJson.Default.QualityAccount);
        }
        catch (Exception damaged) when (damaged is JsonException or IOException or UnauthorizedAccessException)
        {
            ledger.Account = default;
        }
    }

    /// <summary>Enters a window; gives it back with its loss and the balance after it. A file that cannot be written is tried again later.</summary>
    public WindowMetrics Enter(in WindowMetrics window, in KnobSettings settings)
    {
        WindowMetrics entered = ledger.Enter(window, settings);
        if (time.GetElapsedTime(written) < Rest)
            return entered;
        written = time.GetTimestamp();
        try
        {
            AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(ledger.Account, HostingJson.Default.QualityAccount));
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            // The account in memory goes on; the state file's own failures are what stops changes.
        }

        return entered;
    }
}
