using System.Globalization;
using Tuner.Policy.Hosting;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Tests.Hosting;

/// <summary>A small engine: its settings are a file with a line a knob, which outlives the process that turns them.</summary>
internal sealed class FileEngine(string folder) : IKnobActuator, ITelemetrySource
{
    public static readonly KnobSettings Operators = new(ParallelismMode.Tensor, PrecisionMode.Fp8, 1, 0, false, false, 0, false);

    private readonly string path = Path.Combine(folder, "engine.txt");

    public KnobCapabilities Capabilities { get; set; } = KnobCapabilities.AllLive;

    /// <summary>What serving looks like with given settings.</summary>
    public Func<KnobSettings, WindowMetrics> Serve { get; set; } = _ => Good;

    /// <summary>Answers in place of <see cref="Serve"/>.</summary>
    public Func<CancellationToken, Task<TelemetryReading?>>? Tell { get; set; }

    /// <summary>Called before a change, after half of it, and when it is done.</summary>
    public Action<string> Step { get; set; } = _ => { };

    /// <summary>Called first when settings are applied; may throw or hang.</summary>
    public Func<KnobSettings, Task> OnApply { get; set; } = _ => Task.CompletedTask;

    /// <summary>Applies other settings than asked for.</summary>
    public Func<KnobSettings, KnobSettings> Twist { get; set; } = settings => settings;

    public Exception? ReadBackFails { get; set; }

    public int Applied { get; private set; }

    public static WindowMetrics Good { get; } = new()
    {
        Seconds = 10, Arrived = 50, Completed = 50, MeanPromptTokens = 800, PromptTokensP90 = 2000, MeanOutputTokens = 200, Running = 30,
        TtftP50 = 0.1, TtftP90 = 0.2, TpotP50 = 0.01, TpotP90 = 0.02, TtftAttainment = 0.99, Attainment = 0.98, KvUse = 0.4, BusyShare = 0.8,
    };

    public static WindowMetrics Broken { get; } = Good with { Attainment = 0.5, TtftAttainment = 0.5, TtftP90 = 0.6 };

    public static WindowMetrics Terrible { get; } = Good with { TtftP90 = 3, Attainment = 0.93 };

    public KnobSettings Now
    {
        get
        {
            KnobSettings settings = default;
            foreach (string line in File.ReadLines(path))
            {
                string[] parts = line.Split('=');
                settings = settings.With(Enum.Parse<Knob>(parts[0]), int.Parse(parts[1], CultureInfo.InvariantCulture));
            }

            return settings;
        }
        set => Write(value, value);
    }

    public ValueTask<KnobSettings> ReadBackAsync(CancellationToken cancellation)
        => ReadBackFails is { } problem ? ValueTask.FromException<KnobSettings>(problem) : ValueTask.FromResult(Now);

    public async ValueTask ApplyAsync(KnobSettings settings, CancellationToken cancellation)
    {
        Applied++;
        Step("before");
        await OnApply(settings);
        KnobSettings last = Now;
        KnobSettings asked = Twist(settings);
        Write(asked, last);
        Step("half");
        Now = asked;
        Step("after");
    }

    public async ValueTask<TelemetryReading?> ReadAsync(CancellationToken cancellation)
        => Tell is null ? new TelemetryReading(Serve(Now), TimeSpan.Zero) : await Tell(cancellation);

    /// <summary>Half a change: the first six knobs of one setting, the last two of another.</summary>
    public void Write(KnobSettings first, KnobSettings rest)
        => File.WriteAllLines(path, Enum.GetValues<Knob>().Select((knob, i) => $"{knob}={(i < 6 ? first : rest)[knob]}"));
}
