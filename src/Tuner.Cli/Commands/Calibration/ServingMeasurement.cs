using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration;
using Tuner.Kernels.Calibration.Published;
using Tuner.Kernels.Calibration.Serving;

namespace Tuner.Cli.Commands.Calibration;

/// <summary>Fits what an engine adds to its kernels to served benchmarks, and writes it.</summary>
internal static class ServingMeasurement
{
    /// <param name="console">Where progress and errors go.</param>
    /// <param name="folder">Where the benchmarks are.</param>
    /// <param name="name">An engine, by file or shipped name: its schedule, and where the search starts.</param>
    /// <param name="path">Where the engine goes.</param>
    /// <param name="cancellation">Ends the search; nothing is written then.</param>
    public static void Run(IAnsiConsole console, string folder, string name, string path, CancellationToken cancellation)
    {
        try
        {
            EngineBehaviour start = Start(name);
            IReadOnlyList<EndToEndSample> samples = EndToEndSample.Read(folder);
            string[] devices = [.. samples.Where(sample => sample.EngineName == start.Name).Select(sample => sample.Device).Distinct().Where(ShippedConfig.Names("hardware").Contains)];
            HardwareProfile[] profiles = [.. devices.Select(ProfileCatalog.Hardware)];
            (EngineBehaviour engine, IReadOnlyList<EndToEndError> halves) = ServingFit.Run(
                start, profiles, samples, loss => console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"mean loss {loss:0.0000}")), cancellation);
            Shared.WriteFile(path, EngineFile.Write(engine) + "\n");
            console.Write(EndToEndTable.Of($"served on {string.Join(", ", devices)}", halves));
            console.WriteLine($"engine: {path}; calibrate --from writes it into hardware profiles once it stands in configs/engines.");
        }
        catch (Exception wrong) when (wrong is CalibrationException or ScenarioFormatException)
        {
            throw new UserErrorException(wrong.Message);
        }
    }

    private static EngineBehaviour Start(string name)
    {
        if (!File.Exists(name))
        {
            return EngineFile.Shipped.FirstOrDefault(engine => engine.Name == name)
                ?? throw new UserErrorException($"--serving is \"{name}\": neither a file nor one of {string.Join(", ", EngineFile.Shipped.Select(engine => engine.Name))}.");
        }

        try
        {
            return EngineFile.Parse(File.ReadAllText(name));
        }
        catch (JsonException wrong)
        {
            throw new UserErrorException($"{name}: {wrong.Message.TrimEnd('.')}.");
        }
    }
}
