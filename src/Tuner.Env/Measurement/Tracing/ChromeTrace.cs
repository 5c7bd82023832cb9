using System.Text.Json;
using Tuner.Env.Cluster;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Measurement.Tracing;

/// <summary>Writes a run as a Chrome trace, which opens in ui.perfetto.dev: a process a replica, with its steps, counters and requests.</summary>
/// <remarks>
/// Memory is that of the requests in flight. Disposing it ends what is still open and completes the file, so a run that is
/// interrupted leaves a valid one. A request is one line of nested slices on its replica; one that moves has a line on each.
/// </remarks>
public sealed class ChromeTrace : IClusterObserver, IDisposable
{
    private const int ClusterProcess = 1;
    private const int SettingsThread = 1;
    private const int TurnedAwayThread = 2;
    private const int FirstReplicaProcess = 10;

    private static readonly JsonEncodedText Category = JsonEncodedText.Encode("request");
    private static readonly JsonEncodedText RequestName = JsonEncodedText.Encode("request");
    private static readonly JsonEncodedText PrefillName = JsonEncodedText.Encode("prefill");
    private static readonly JsonEncodedText MixedName = JsonEncodedText.Encode("prefill and decode");
    private static readonly JsonEncodedText DecodeName = JsonEncodedText.Encode("decode");
    private static readonly JsonEncodedText PausedName = JsonEncodedText.Encode("paused for a change of settings");
    private static readonly JsonEncodedText RequestsCounter = JsonEncodedText.Encode("requests");
    private static readonly JsonEncodedText KvCounter = JsonEncodedText.Encode("KV cache");
    private static readonly JsonEncodedText[] PhaseNames = [.. new[] { "", "queued", "prefill", "decoding", "resumed" }.Select(name => JsonEncodedText.Encode(name))];

    private static readonly Dictionary<RequestEventKind, JsonEncodedText> InstantNames = new()
    {
        [RequestEventKind.Preempted] = JsonEncodedText.Encode("preempted"),
        [RequestEventKind.Moved] = JsonEncodedText.Encode("moved"),
        [RequestEventKind.Cancelled] = JsonEncodedText.Encode("cancelled"),
        [RequestEventKind.TimedOut] = JsonEncodedText.Encode("timed out"),
        [RequestEventKind.Refused] = JsonEncodedText.Encode("refused"),
    };

    private readonly ChromeTraceFile file;
    private readonly KnobSpace knobs;
    private readonly TrafficTrace trace;
    private readonly Dictionary<(ParallelismMode, int), int> processes = [];
    private readonly Dictionary<int, ReplicaTrack> tracks = [];
    private readonly Dictionary<int, long> retired = [];
    private readonly Dictionary<int, RequestSpan> open = [];
    private KnobSettings settings;
    private long settingsSince;
    private bool anyTurnedAway;
    private long last;

    /// <summary>Begins a file.</summary>
    /// <param name="path">Where; a name that ends in <c>.gz</c> is compressed.</param>
    /// <param name="scenario">The scenario that runs.</param>
    /// <param name="trace">The requests that arrive.</param>
    /// <param name="start">The settings at the start.</param>
    public ChromeTrace(string path, Scenario scenario, TrafficTrace trace, in KnobSettings start)
    {
        knobs = scenario.Knobs;
        this.trace = trace;
        settings = start;
        file = new ChromeTraceFile(path, new Dictionary<string, string>
        {
            ["scenario"] = scenario.Name,
            ["traffic"] = trace.Name,
            ["settings at the start"] = KnobText.Write(knobs, start),
        });
        file.NameProcess(ClusterProcess, $"cluster {scenario.Name}");
        file.NameThread(ClusterProcess, SettingsThread, "settings in force");
    }

    /// <inheritdoc/>
    public void Built(in ReplicaRecord replica)
    {
        // A layout that comes back finds its tracks again.
        if (!processes.TryGetValue((replica.Layout, replica.Index), out int process))
        {
            process = FirstReplicaProcess + processes.Count;
            processes.Add((replica.Layout, replica.Index), process);
            file.NameProcess(process, replica.Name);
            file.NameThread(process, process, "engine steps");
        }

        long since = Math.Max(Micros(replica.Seconds), retired.GetValueOrDefault(process));
        var track = new ReplicaTrack(process, since);
        tracks[replica.Replica] = track;
        Count(track, 0, 0, since);
    }

    /// <inheritdoc/>
    public void Retired(int replica, double seconds)
    {
        ReplicaTrack track = tracks[replica];
        Count(track, -track.Waiting, -track.Running, Micros(seconds));
        KvUse(track, 0, Micros(seconds));
        Flush(track);
        tracks.Remove(replica);
        retired[track.Process] = Micros(seconds);
    }

    /// <inheritdoc/>
    public void Changed(in ChangeRecord change)
    {
        long at = Micros(change.Seconds);
        IReadOnlyDictionary<string, string> from = KnobText.Pairs(knobs, change.From);
        IReadOnlyDictionary<string, string> to = KnobText.Pairs(knobs, change.To);
        string text = string.Join(", ", to.Where(pair => from[pair.Key] != pair.Value).Select(pair => $"{pair.Key} {from[pair.Key]} → {pair.Value}"));
        Utf8JsonWriter arguments = file.BeginInstant(ClusterProcess, SettingsThread, "g"u8, JsonEncodedText.Encode(text), at);
        arguments.WriteString("from", KnobText.Write(knobs, change.From));
        arguments.WriteString("to", KnobText.Write(knobs, change.To));
        file.End();
        WriteSettings(at);
        settings = change.To;
        settingsSince = at;
    }

    /// <inheritdoc/>
    public void Stepped(in StepRecord step)
    {
        ReplicaTrack track = tracks[step.Replica];
        long start = Micros(step.StartSeconds);
        long end = Micros(step.EndSeconds);
        JsonEncodedText name = step.PrefillTokens == 0 ? DecodeName : step.DecodeSequences == 0 ? PrefillName : MixedName;
        Utf8JsonWriter arguments = file.BeginComplete(track.Process, track.Process, name, start, end);
        arguments.WriteNumber("steps"u8, step.Steps);
        arguments.WriteNumber("decode sequences"u8, step.DecodeSequences);
        arguments.WriteNumber("prefill tokens"u8, step.PrefillTokens);
        arguments.WriteNumber("prompts"u8, step.PrefillSequences);
        arguments.WriteNumber("ms a step"u8, Math.Round(1000 * (step.EndSeconds - step.StartSeconds) / Math.Max(1, step.Steps), 3));
        file.End();
        KvUse(track, step.KvUse, end);
    }

    /// <inheritdoc/>
    public void Paused(in PauseRecord pause)
    {
        ReplicaTrack track = tracks[pause.Replica];
        long start = Micros(pause.StartSeconds);
        if (track.Pause.End != start)
            FlushPause(track);
        bool goesOn = track.Pause.End > track.Pause.Start;
        track.Pause = (goesOn ? track.Pause.Start : start, Micros(pause.EndSeconds));
    }

    /// <inheritdoc/>
    public void Happened(in RequestEvent happening)
    {
        long at = Micros(happening.Seconds);
        if (!open.TryGetValue(happening.Request, out RequestSpan span))
        {
            if (happening.Kind == RequestEventKind.Queued)
                Enter(happening, false, at);
            else
                TurnAway(happening, at);
            return;
        }

        if (span.Phase == RequestPhase.Between)
        {
            if (happening.Kind == RequestEventKind.Queued)
            {
                Enter(happening, span.HasFirstToken, at);
            }
            else
            {
                open.Remove(happening.Request);
                TurnAway(happening, at);
            }

            return;
        }

        // What clients see may be a moment ahead of the engine: a line of nested slices never goes back.
        Advance(happening, span, Math.Max(at, span.LastMicros));
    }

    /// <summary>Ends what is open at the last instant seen, and completes the file.</summary>
    public void Dispose()
    {
        foreach ((int request, RequestSpan span) in open)
        {
            if (span.Phase == RequestPhase.Between)
                continue;
            Nested(span.Track.Process, "e"u8, request, PhaseNames[(int)span.Phase], last);
            Leave(span.Track.Process, request, "unfinished"u8, last);
        }

        foreach (ReplicaTrack track in tracks.Values)
            Flush(track);
        WriteSettings(last);
        file.Dispose();
    }

    private void Enter(in RequestEvent happening, bool hasFirstToken, long at)
    {
        int request = happening.Request;
        ReplicaTrack track = tracks[happening.Replica];

        // A request may be sent to a replica that is built when the last step of the one before it ends.
        at = Math.Max(at, track.SinceMicros);
        Utf8JsonWriter arguments = file.BeginNested(track.Process, "b"u8, Category, request, RequestName, at);
        arguments.WriteNumber("request"u8, request);
        arguments.WriteNumber("prompt tokens"u8, trace.PromptTokens[request]);
        arguments.WriteNumber("output tokens"u8, trace.OutputTokens[request]);
        file.End();
        Nested(track.Process, "b"u8, request, PhaseNames[(int)RequestPhase.Queued], at);
        open[request] = new RequestSpan(track, RequestPhase.Queued, hasFirstToken, at);
        Count(track, 1, 0, at);
    }

    private void Advance(in RequestEvent happening, in RequestSpan span, long at)
    {
        int request = happening.Request;
        ReplicaTrack track = span.Track;
        bool waits = span.Phase == RequestPhase.Queued;
        RequestPhase next = happening.Kind switch
        {
            RequestEventKind.Admitted => span.HasFirstToken ? RequestPhase.Resumed : RequestPhase.Prefill,
            RequestEventKind.FirstToken => RequestPhase.Decoding,
            RequestEventKind.Preempted => RequestPhase.Queued,
            _ => RequestPhase.Between,
        };
        Nested(track.Process, "e"u8, request, PhaseNames[(int)span.Phase], at);
        if (InstantNames.TryGetValue(happening.Kind, out JsonEncodedText instant))
            Nested(track.Process, "n"u8, request, instant, at);
        if (next == RequestPhase.Between)
            Leave(track.Process, request, Ending(happening.Kind), at);
        else
            Nested(track.Process, "b"u8, request, PhaseNames[(int)next], at);
        bool willWait = next == RequestPhase.Queued;
        bool willRun = next is not (RequestPhase.Queued or RequestPhase.Between);
        Count(track, (willWait ? 1 : 0) - (waits ? 1 : 0), (willRun ? 1 : 0) - (waits ? 0 : 1), at);
        if (next == RequestPhase.Between && happening.Kind != RequestEventKind.Moved)
            open.Remove(request);
        else
            open[request] = new RequestSpan(track, next, span.HasFirstToken || happening.Kind == RequestEventKind.FirstToken, at);
    }

    private static ReadOnlySpan<byte> Ending(RequestEventKind kind) => kind switch
    {
        RequestEventKind.Completed => "completed"u8,
        RequestEventKind.Moved => "moved"u8,
        RequestEventKind.Cancelled => "cancelled"u8,
        RequestEventKind.TimedOut => "timed out"u8,
        _ => "refused"u8,
    };

    private void Leave(int process, int request, ReadOnlySpan<byte> ending, long at)
    {
        Utf8JsonWriter arguments = file.BeginNested(process, "e"u8, Category, request, RequestName, at);
        arguments.WriteString("ending"u8, ending);
        file.End();
    }

    /// <summary>Marks the end of a request that no replica holds.</summary>
    private void TurnAway(in RequestEvent happening, long at)
    {
        int request = happening.Request;
        if (!anyTurnedAway)
            file.NameThread(ClusterProcess, TurnedAwayThread, "turned away");
        anyTurnedAway = true;
        Utf8JsonWriter arguments = file.BeginInstant(ClusterProcess, TurnedAwayThread, "t"u8, InstantNames[happening.Kind], at);
        arguments.WriteNumber("request"u8, request);
        arguments.WriteNumber("prompt tokens"u8, trace.PromptTokens[request]);
        arguments.WriteNumber("output tokens"u8, trace.OutputTokens[request]);
        file.End();
    }

    private void Nested(int process, ReadOnlySpan<byte> phase, int request, in JsonEncodedText name, long at)
        => file.Nested(process, phase, Category, request, name, at);

    private void Count(ReplicaTrack track, int waiting, int running, long at)
    {
        at = Math.Max(at, track.CountedMicros);
        if (track.Pending && at > track.CountedMicros)
            FlushCount(track);
        track.Waiting += waiting;
        track.Running += running;
        track.CountedMicros = at;
        track.Pending = true;
    }

    private void KvUse(ReplicaTrack track, double share, long at)
    {
        int permille = (int)Math.Round(1000 * share);
        if (permille == track.KvPermille)
            return;
        track.KvPermille = permille;
        file.BeginCounter(track.Process, KvCounter, at).WriteNumber("% in use"u8, permille / 10.0);
        file.End();
    }

    private void Flush(ReplicaTrack track)
    {
        FlushCount(track);
        FlushPause(track);
    }

    private void FlushCount(ReplicaTrack track)
    {
        if (!track.Pending)
            return;
        Utf8JsonWriter values = file.BeginCounter(track.Process, RequestsCounter, track.CountedMicros);
        values.WriteNumber("running"u8, track.Running);
        values.WriteNumber("waiting"u8, track.Waiting);
        file.End();
        track.Pending = false;
    }

    private void FlushPause(ReplicaTrack track)
    {
        if (track.Pause.End > track.Pause.Start)
        {
            file.BeginComplete(track.Process, track.Process, PausedName, track.Pause.Start, track.Pause.End);
            file.End();
        }

        track.Pause = default;
    }

    private void WriteSettings(long until)
    {
        Utf8JsonWriter arguments = file.BeginComplete(ClusterProcess, SettingsThread, JsonEncodedText.Encode(KnobText.Write(knobs, settings)), settingsSince, until);
        foreach ((string knob, string value) in KnobText.Pairs(knobs, settings))
            arguments.WriteString(knob, value);
        file.End();
    }

    private long Micros(double seconds)
    {
        long micros = (long)Math.Round(1e6 * seconds);
        last = Math.Max(last, micros);
        return micros;
    }
}
