using System.ComponentModel.DataAnnotations;

namespace Tuner.Env.Scenarios;

/// <summary>A scenario file as a person writes it. <c>docs/scenarios.md</c> explains each key.</summary>
internal sealed class ScenarioOptions
{
    [Required] public string Name { get; set; } = "";

    [Required] public string Model { get; set; } = "";

    [Required] public string Hardware { get; set; } = "";

    [Range(1, 4096)] public int Gpus { get; set; }

    [Range(256, 10_000_000)] public int MaxSequenceTokens { get; set; }

    [Required] public ObjectiveOptions Objective { get; set; } = new();

    [Required] public QualityOptions Quality { get; set; } = new();

    public Dictionary<string, List<PoolOptions>> Layouts { get; set; } = [];

    public List<DraftOptions> Drafts { get; set; } = [];

    public List<int[]> BatchLadder { get; set; } = [];

    public List<double> BatchWaitSeconds { get; set; } = [];

    [Required] public HostCacheOptions HostCache { get; set; } = new();

    [Required] public SwitchingOptions Switching { get; set; } = new();

    public bool BothPrecisionsResident { get; set; }

    public string Weights { get; set; } = "fp8";

    public string? Engine { get; set; }

    public string Schedule { get; set; } = "engine";

    public RouterKind Router { get; set; }

    public PreemptionRule Preemption { get; set; }

    [Range(0.05, 1)] public double GpuMemoryUtilization { get; set; } = 0.9;

    [Range(1, int.MaxValue)] public int? KvCacheTokens { get; set; }

    [Required] public ClientOptions Clients { get; set; } = new();

    [Required] public Dictionary<string, string> Default { get; set; } = [];

    public string Notes { get; set; } = "";
}

internal sealed class ObjectiveOptions
{
    [Range(0.001, 1000)] public double TtftSeconds { get; set; }

    [Range(0, 1)] public double TtftSecondsPerPromptToken { get; set; }

    [Range(0.0001, 100)] public double TpotSeconds { get; set; }

    [Range(0.01, 1)] public double AttainmentTarget { get; set; }
}

internal sealed class QualityOptions
{
    [Range(0, 100)] public double Fp4Loss { get; set; }

    public string Fp4Source { get; set; } = "";

    [Range(0, 100)] public double KvCompressionLoss { get; set; }

    public string KvCompressionSource { get; set; } = "";

    [Range(0, 100)] public double Budget { get; set; }
}

internal sealed class PoolOptions
{
    [Range(1, 4096)] public int Replicas { get; set; } = 1;

    [Range(1, 64)] public int Tensor { get; set; } = 1;

    [Range(1, 64)] public int Pipeline { get; set; } = 1;

    [Range(1, 64)] public int Data { get; set; } = 1;

    [Range(1, 1024)] public int Expert { get; set; } = 1;

    public string? Precision { get; set; }

    public bool? KvCompression { get; set; }

    public bool? Speculation { get; set; }

    [Range(0, int.MaxValue)] public int MinPromptTokens { get; set; }

    [Range(1, int.MaxValue)] public int MaxPromptTokens { get; set; } = int.MaxValue;
}

internal sealed class DraftOptions
{
    [Required] public string Model { get; set; } = "";

    [Range(1, 16)] public int Tokens { get; set; }

    public Dictionary<string, double[]> Acceptance { get; set; } = [];

    public string Source { get; set; } = "";
}

internal sealed class HostCacheOptions
{
    [Range(0, 1e13)] public double BytesPerGpu { get; set; }

    [Range(1e6, 1e12)] public double? LinkBytesPerSecond { get; set; }

    public string Source { get; set; } = "";
}

internal sealed class SwitchingOptions
{
    [Range(0, 3600)] public double LayoutSeconds { get; set; }

    [Range(0, 3600)] public double PrecisionFixedSeconds { get; set; }

    [Range(1e6, 1e13)] public double WeightLoadBytesPerSecond { get; set; }

    [Range(0, 3600)] public double KvConversionSeconds { get; set; }

    [Range(1e6, 1e13)] public double KvConversionBytesPerSecond { get; set; }

    [Range(0, 3600)] public double GraphSeconds { get; set; }

    public bool Rolling { get; set; }

    public InFlightRule InFlight { get; set; }

    public bool LoadsWhileServing { get; set; }

    public string Source { get; set; } = "";
}

internal sealed class ClientOptions
{
    [Range(0.001, 1e9)] public double? FirstTokenPatienceSeconds { get; set; }

    [Range(0.001, 1e9)] public double? TimeoutSeconds { get; set; }

    [Range(0, 1)] public double CancelShare { get; set; }

    [Range(1, int.MaxValue)] public int? MaxInFlight { get; set; }

    [Range(0, int.MaxValue)] public int? MaxWaiting { get; set; }
}
