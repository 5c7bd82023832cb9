using GatewaySample;
using OpenTelemetry.Metrics;
using Tuner.Policy.Hosting;
using Tuner.Policy.Safety;

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
builder.Services.Configure<TunerOptions>(options => options.Window = builder.Configuration.GetValue("Tuner:Window", options.Window));
builder.Services.Configure<SafetyOptions>(builder.Configuration.GetSection("Tuner"));

// Tuner, in shadow mode until "Tuner:Mode" says otherwise.
builder.Services.AddTuner("policies/llama70b-8xb200.tuner", options => options.Contract = Cluster.Contract)
    .ReadVllmMetrics(Cluster.Contract.Objective, new Uri(builder.Configuration["Engine:Metrics"] ?? "http://localhost:8000/metrics"))
    .WatchOnly(Cluster.Settings);
builder.Services.AddHealthChecks().AddCheck<TunerHealthCheck>("tuner");
builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter("Tuner").AddPrometheusExporter());

WebApplication app = builder.Build();
app.MapHealthChecks("/health");
app.MapPrometheusScrapingEndpoint("/metrics");
app.MapGet("/", (TunerMonitor tuner) => $"{tuner.Status.Mode}: {tuner.Status.Verdict}. {tuner.Status.Reason}");
app.Run();
