using System.Runtime.InteropServices;
using Tuner.Cli;

using var interrupted = new CancellationTokenSource();
using PosixSignalRegistration keyboard = PosixSignalRegistration.Create(PosixSignal.SIGINT, StopCleanly);
using PosixSignalRegistration supervisor = PosixSignalRegistration.Create(PosixSignal.SIGTERM, StopCleanly);
return await CommandLine.RunAsync(args, Console.Out, Console.Error, interrupted.Token).ConfigureAwait(false);

// The first signal asks for a clean stop; a second one ends the process as usual.
void StopCleanly(PosixSignalContext context)
{
    context.Cancel = !interrupted.IsCancellationRequested;
    interrupted.Cancel();
}
