using GatewaySample;
using OpenTelemetry.Metrics;
using Tuner.Engines;
using Tuner.Policy.Files;
using Tuner.Policy.Hosting;
using Tuner.Policy.Knobs;
using Tuner.Policy.Safety;

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
builder.Services.Configure<TunerOptions>(options => options.Window = builder.Configuration.GetValue("Tuner:Window", options.Window));
builder.Services.Configure<SafetyOptions>(builder.Configuration.GetSection("Tuner"));

// Tuner, in shadow mode until "Tuner:Mode" says otherwise. The policy file says which ladders and promises it was trained for.
string policy = Path.Combine(builder.Environment.ContentRootPath, "policies", "llama70b-8xb200.tuner");
ServingContract contract = PolicyFile.Load(policy).Manifest.Serving!;
TunerBuilder tuner = builder.Services.AddTuner(policy)
    .ReadVllmMetrics(contract.Objective, new Uri(builder.Configuration["Engine:Metrics"] ?? "http://localhost:8000/metrics"));
if (builder.Configuration["Engine:Admin"] is { } admin)
    tuner.ApplyOverHttp(new Uri(admin), contract, KnobCapabilities.AllLive);
else
    tuner.WatchOnly(Cluster.Settings);
builder.Services.AddHealthChecks().AddCheck<TunerHealthCheck>("tuner");
builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter("Tuner").AddPrometheusExporter());

WebApplication app = builder.Build();
app.MapHealthChecks("/health");
app.MapPrometheusScrapingEndpoint("/metrics");
app.MapGet("/", (TunerMonitor monitor) => $"{monitor.Status.Mode}: {monitor.Status.Verdict}. {monitor.Status.Reason}");
app.Run();
