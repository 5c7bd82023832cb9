using Tuner.Env.Simulation;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Verification;

namespace Tuner.StandIn.Tests;

/// <summary>Every kernel's own source, run thread by thread on the host through the real driver calls, against its reference.</summary>
internal sealed class KernelTests
{
    private static IEnumerable<TestCaseData> Kernels => KernelCatalog.All.Select(kernel => new TestCaseData(kernel).SetArgDisplayNames(kernel.Entry));

    [TestCaseSource(nameof(Kernels))]
    public void Kernel_RandomShapes_AgreesWithItsReference(KernelSpec kernel)
    {
        StandIn.Require();
        using CudaDevice device = Devices.Open();
        using var bench = new Bench(device, RandomStream.For(11, kernel.Entry));

        for (int i = 0; i < VerificationScale.Host.Shapes; i++)
        {
            foreach (CheckOutcome outcome in KernelVerification.Check(kernel, bench, VerificationScale.Host))
                Assert.That(outcome.Passed, Is.True, outcome.ToString());
            bench.Clear();
        }
    }
}
