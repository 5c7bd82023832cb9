using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Tuner.Policy.Hosting;
using Tuner.Policy.Safety;

namespace Tuner.Policy.Tests.Hosting;

/// <summary>A process of its own that makes a change, takes it back, and kills itself in the middle.</summary>
internal static class CrashingHost
{
    /// <summary>Arguments: the folder, and at which step of its actuator (three a change) to die.</summary>
    public static async Task<int> Main(string[] args)
    {
        int left = int.Parse(args[1], CultureInfo.InvariantCulture);
        var engine = new FileEngine(args[0])
        {
            Serve = settings => settings.Speculation ? FileEngine.Broken : FileEngine.Good,
            Step = _ =>
            {
                if (--left == 0)
                    Process.GetCurrentProcess().Kill();
            },
        };
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = args[0] });
        builder.Services.AddTuner("chat.tuner", options => options.Window = TimeSpan.FromMilliseconds(10))
            .ReadTelemetryFrom(_ => engine)
            .ApplyKnobsWith(_ => engine)
            .KeepWithin(guard => (guard.Mode, guard.CoolDown, guard.MaxChangesPerMinute) = (TunerMode.Active, TimeSpan.Zero, 1000));
        using IHost host = builder.Build();
        await host.StartAsync();
        await Task.Delay(TimeSpan.FromSeconds(30));
        return 0;
    }

    /// <summary>Runs it until it dies.</summary>
    public static void RunToItsDeath(string folder, int step)
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [typeof(CrashingHost).Assembly.Location, folder, step.ToString(CultureInfo.InvariantCulture)]))!;
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Not.Zero, "it should have been killed");
    }
}
