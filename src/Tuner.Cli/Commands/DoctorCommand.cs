using System.CommandLine;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Tuner.Cli.Commands;

/// <summary><c>tuner doctor</c>: what this machine has and lacks, and the remedy.</summary>
internal static class DoctorCommand
{
    public static Command Create(TextWriter output)
    {
        var command = new Command("doctor", "Say what this machine has and lacks, and the remedy.");
        command.SetAction(_ =>
        {
            bool ok = true;
            output.WriteLine($"ok       .NET {Environment.Version} on {RuntimeInformation.OSDescription}");
            output.WriteLine($"ok       {Environment.ProcessorCount} processors, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9:0} GB of memory");
            try
            {
                using torch.Tensor probe = torch.ones(2).sum();
                output.WriteLine($"ok       libtorch loads and adds 1 + 1 = {probe.ToSingle():0}");
            }
            catch (Exception wrong) when (wrong is DllNotFoundException or NotSupportedException or TypeInitializationException)
            {
                ok = false;
                output.WriteLine($"missing  libtorch does not load: {wrong.GetBaseException().Message.Split('\n')[0]}");
                output.WriteLine("         Most often libstdc++ lacks GLIBCXX_3.4.32 (Debian 12): run ./tuner once as root, or use Debian 13, Ubuntu 24.04 or newer.");
            }

            output.WriteLine(NativeLibrary.TryLoad("libcuda.so.1", out nint _)
                ? "ok       a CUDA driver is installed (libcuda.so.1)"
                : "absent   no CUDA driver (libcuda.so.1 not found): training runs on the CPU, which is enough for the shipped scenarios");
            try
            {
                Shared.RequireWritableFolder("runs");
                output.WriteLine("ok       results can be written to ./runs");
            }
            catch (UserErrorException wrong)
            {
                ok = false;
                output.WriteLine($"missing  {wrong.Message}");
            }

            return ok ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }
}
