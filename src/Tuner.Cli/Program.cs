using System.Runtime.InteropServices;
using Tuner.Cli;

using var interrupted = new CancellationTokenSource();
using PosixSignalRegistration sigint = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
{
    // The first Ctrl-C asks for a clean stop; a second one ends the process as usual.
    context.Cancel = !interrupted.IsCancellationRequested;
    interrupted.Cancel();
});
return await CommandLine.RunAsync(args, Console.Out, Console.Error, interrupted.Token).ConfigureAwait(false);
