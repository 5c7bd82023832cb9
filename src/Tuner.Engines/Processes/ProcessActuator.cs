using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Tuner.Engines.CommandLines;
using Tuner.Policy.Files;
using Tuner.Policy.Hosting;
using Tuner.Policy.Knobs;

namespace Tuner.Engines.Processes;

/// <summary>Turns knobs by starting the engine anew with other arguments.</summary>
/// <remarks>
/// <para>The engine outlives its host: a host started anew finds it by what it left in <see cref="EngineProcessOptions.Folder"/>. Its output
/// goes where the host's goes. A new command line that does not become healthy is ended and the old one started again.</para>
/// <para>What runs is believed only of a living, healthy process with the arguments of its settings. An engine that ended by itself is started anew with
/// the settings it had; until it is healthy, reading back fails, and Tuner touches nothing.</para>
/// <para>Before an engine is started, whatever is left of one before it is ended (on Linux): one that a host killed in the middle of a change had no time to
/// note, or workers that outlived their engine. They are known by <c>TUNER_ENGINE</c> in their environment.</para>
/// </remarks>
/// <param name="flags">Writes the command lines.</param>
/// <param name="options">How the engine is run.</param>
/// <param name="client">Asks after its health.</param>
/// <param name="time">Measures the limits.</param>
public sealed class ProcessActuator(EngineFlags flags, EngineProcessOptions options, HttpClient client, TimeProvider time) : IKnobActuator, IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private readonly string folder = Path.GetFullPath(options.Folder);
    private readonly string recordPath = Path.Combine(options.Folder, "engine.json");
    private readonly SemaphoreSlim oneAtATime = new(1, 1);

    /// <inheritdoc/>
    public KnobCapabilities Capabilities { get; } = flags.CapabilitiesBy(KnobCapability.Restart);

    /// <inheritdoc/>
    public bool Supports(in KnobSettings settings) => flags.Supports(settings);

    /// <inheritdoc/>
    public async ValueTask<KnobSettings> ReadBackAsync(CancellationToken cancellation)
    {
        await oneAtATime.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            EngineProcessRecord? record = Read();
            using Process? process = Find(record);
            if (record is null || process is null)
            {
                KnobSettings settings = record?.Settings ?? options.First;
                int left = await EndLeftAsync().ConfigureAwait(false);
                Start(settings).Dispose();
                string why = record is null ? "the engine is being started" : $"the engine, process {record.Id}, has ended by itself; it is being started anew";
                throw new InvalidOperationException(left == 0 ? why : $"{why}, after {left} processes of it that nobody knew of were ended");
            }

            if (!record.Arguments.SequenceEqual(flags.Write(record.Settings).Arguments))
                throw new InvalidOperationException($"process {record.Id} runs with arguments that this set-up would not write; end it, or put the set-up back");
            if (!await IsHealthyAsync(cancellation).ConfigureAwait(false))
                throw new InvalidOperationException($"the engine, process {record.Id}, does not answer {options.Health} with 200");
            return record.Settings;
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask ApplyAsync(KnobSettings settings, CancellationToken cancellation)
    {
        await oneAtATime.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            EngineProcessRecord? old = Read();
            _ = flags.Write(settings);
            await EndAsync(old).ConfigureAwait(false);
            await EndLeftAsync().ConfigureAwait(false);
            string? problem = await TryStartAsync(settings, cancellation).ConfigureAwait(false);
            if (problem is null)
                return;
            if (old is null || old.Settings == settings)
                throw new InvalidOperationException($"the engine did not come up: {problem}");
            await EndAsync(Read()).ConfigureAwait(false);
            await EndLeftAsync().ConfigureAwait(false);
            string? again = await TryStartAsync(old.Settings, CancellationToken.None).ConfigureAwait(false);
            throw new InvalidOperationException(again is null
                ? $"the engine did not come up with the new settings ({problem}); the old ones run again"
                : $"the engine did not come up with the new settings ({problem}), nor with the old ones ({again})");
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    /// <summary>Lets go of the engine, which runs on.</summary>
    public void Dispose() => oneAtATime.Dispose();

    /// <summary>Starts the engine and waits until it is healthy.</summary>
    /// <returns>What went wrong; null when it is healthy.</returns>
    private async Task<string?> TryStartAsync(KnobSettings settings, CancellationToken cancellation)
    {
        try
        {
            using Process process = Start(settings);
            long started = time.GetTimestamp();
            while (!await IsHealthyAsync(cancellation).ConfigureAwait(false))
            {
                if (process.HasExited)
                    return $"it ended with code {process.ExitCode}";
                if (time.GetElapsedTime(started) > options.StartLimit)
                    return $"not healthy within {options.StartLimit.TotalSeconds:0.#} s";
                await Task.Delay(Pace, time, cancellation).ConfigureAwait(false);
            }

            return process.HasExited ? $"it ended with code {process.ExitCode}, while another process answers {options.Health}" : null;
        }
        catch (Win32Exception problem)
        {
            return problem.Message;
        }
        catch (OperationCanceledException)
        {
            return "given up while it was starting";
        }
    }

    private Process Start(KnobSettings settings)
    {
        EngineCommandLine line = flags.Write(settings);
        var start = new ProcessStartInfo(options.Executable, line.Arguments) { UseShellExecute = false };
        start.Environment[MarkedProcesses.Variable] = folder;
        Directory.CreateDirectory(options.Folder);
        if (line.ConfigFlag is not null)
        {
            string path = Path.Combine(options.Folder, "engine-config.yaml");
            File.WriteAllText(path, line.ConfigText);
            start.ArgumentList.Add(line.ConfigFlag);
            start.ArgumentList.Add(path);
        }

        Process process = Process.Start(start)!;
        Write(new EngineProcessRecord(process.Id, StartedTicks(process), settings, line.Arguments));
        return process;
    }

    /// <summary>Ends what is left of an engine whose process has ended or was never noted.</summary>
    /// <returns>How many processes that was.</returns>
    private async Task<int> EndLeftAsync()
    {
        List<Process> left = MarkedProcesses.Find(folder);
        foreach (Process process in left)
        {
            using (process)
                await EndAsync(process).ConfigureAwait(false);
        }

        return left.Count;
    }

    private async Task EndAsync(EngineProcessRecord? record)
    {
        using Process? process = Find(record);
        if (process is not null)
            await EndAsync(process).ConfigureAwait(false);
    }

    private async Task EndAsync(Process process)
    {
        Signals.AskToEnd(process);
        using var late = new CancellationTokenSource(options.EndLimit, time);
        try
        {
            await process.WaitForExitAsync(late.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task<bool> IsHealthyAsync(CancellationToken cancellation)
    {
        try
        {
            using HttpResponseMessage answer = await client.GetAsync(options.Health, cancellation).ConfigureAwait(false);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static Process? Find(EngineProcessRecord? record)
    {
        if (record is null)
            return null;
        Process? process = null;
        try
        {
            process = Process.GetProcessById(record.Id);
            if (!process.HasExited && Math.Abs(StartedTicks(process) - record.StartedTicks) < TimeSpan.TicksPerSecond)
                return process;
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // No such process: it has ended.
        }

        process?.Dispose();
        return null;
    }

    private static long StartedTicks(Process process)
    {
        try
        {
            return process.StartTime.ToUniversalTime().Ticks;
        }
        catch (Exception gone) when (gone is InvalidOperationException or Win32Exception)
        {
            return 0; // it ended at once
        }
    }

    private EngineProcessRecord? Read()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(recordPath), EngineJson.Default.EngineProcessRecord);
        }
        catch (Exception none) when (none is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private void Write(EngineProcessRecord record) => AtomicFile.Write(recordPath, JsonSerializer.SerializeToUtf8Bytes(record, EngineJson.Default.EngineProcessRecord));
}
