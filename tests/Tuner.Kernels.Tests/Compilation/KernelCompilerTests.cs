using System.Text;
using Tuner.Kernels.Compilation;

namespace Tuner.Kernels.Tests.Compilation;

internal sealed class KernelCompilerTests
{
    private static IEnumerable<TestCaseData> Kernels => KernelCatalog.All.Select(kernel => new TestCaseData(kernel).SetArgDisplayNames(kernel.Entry));

    [TestCaseSource(nameof(Kernels))]
    public void PtxOf_EveryKernel_IsOfTheSourceAsItStands(KernelSpec kernel)
    {
        byte[]? ptx = CompiledKernels.PtxOf(kernel);

        Assert.That(ptx, Is.Not.Null, "compile-kernels writes it; see src/Tuner.Kernels/README.md");
        Assert.That(CompiledKernels.HashIn(ptx!), Is.EqualTo(KernelSources.HashOf(kernel)), "the source changed since it was compiled; see src/Tuner.Kernels/README.md");
        Assert.That(Encoding.UTF8.GetString(ptx!), Does.Contain($".entry {kernel.Entry}(").And.Contain(kernel.Target.Exact ? ".target sm_90a" : ".target sm_90"));
    }

    [TestCaseSource(nameof(Kernels))]
    public void Compile_ForHopper_GivesMachineCode(KernelSpec kernel)
    {
        if (!KernelCompiler.IsThere)
            Assert.Ignore(KernelCompiler.Describe());

        byte[] cubin = KernelCompiler.Compile(kernel, CompiledKernels.TargetOf(kernel)!.Value, cubin: true);

        Assert.That(cubin[..4], Is.EqualTo("\u007fELF"u8.ToArray()));
    }

    [Test]
    public void Compile_WithoutACompiler_SaysWhatWasLookedFor()
    {
        if (KernelCompiler.IsThere)
            Assert.Ignore($"This machine has one. {KernelCompiler.Describe()}");

        KernelException cannot = Assert.Throws<KernelException>(() => KernelCompiler.Compile(KernelCatalog.RmsNorm, new ComputeTarget(9, 0), cubin: true))!;

        Assert.That(cannot.Message, Does.StartWith("rms_norm cannot be compiled: No NVRTC").And.EndsWith("."));
    }

    [Test]
    public void Compile_ForAGpuTheCompilerDoesNotKnow_SaysWhichItKnows()
    {
        if (!KernelCompiler.IsThere)
            Assert.Ignore(KernelCompiler.Describe());

        KernelException cannot = Assert.Throws<KernelException>(() => KernelCompiler.Compile(KernelCatalog.RmsNorm, new ComputeTarget(19, 9), cubin: true))!;

        Assert.That(cannot.Message, Does.Contain("sm_199").And.Contain("sm_90"));
    }

    [Test]
    public void Compile_SourceWithAMistake_GivesTheCompilersFirstErrors()
    {
        if (!KernelCompiler.IsThere)
            Assert.Ignore(KernelCompiler.Describe());
        KernelSpec broken = KernelCatalog.RmsNorm with { Defines = new Dictionary<string, int> { ["OPERATION"] = 0 } };

        KernelException wrong = Assert.Throws<KernelException>(() => KernelCompiler.Compile(broken, new ComputeTarget(9, 0), cubin: true))!;

        Assert.That(wrong.Message, Does.StartWith("elementwise.cu does not compile with").And.Contain("THREADS"));
    }

    [Test]
    public void HashOf_AnotherDefine_IsAnother()
        => Assert.That(KernelCatalog.All.Select(KernelSources.HashOf).Distinct().Count(), Is.EqualTo(KernelCatalog.All.Count));
}
