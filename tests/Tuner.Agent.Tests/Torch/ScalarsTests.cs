using System.Runtime.CompilerServices;
using Tuner.Agent.Torch;

namespace Tuner.Agent.Tests.Torch;

[NonParallelizable]
internal sealed class ScalarsTests
{
    [Test]
    public void Of_GarbageCollectedDuringACall_OutlivesIt()
    {
        WeakReference scalar = MakeAndForget();

        Collect();

        Assert.That(scalar.IsAlive, "a call that still reads the native scalar must find it");
    }

    [Test]
    public void Of_ManyLater_IsLetGo()
    {
        WeakReference scalar = MakeAndForget();
        for (int i = 0; i < 5000; i++)
            MakeAndForget();

        Collect();

        Assert.That(scalar.IsAlive, Is.False, "what is kept is bounded");
    }

    // Not inlined: a reference left in the caller's frame would keep the scalar alive by itself.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference MakeAndForget() => new(Scalars.Of(0.5));

    private static void Collect()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
