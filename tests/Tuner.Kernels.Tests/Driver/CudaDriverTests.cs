using System.Text;
using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Tests.Driver;

internal sealed class CudaDriverTests
{
    /// <summary>y[i] = a·x[i] + y[i] for i &lt; n, for any GPU since compute capability 5.0.</summary>
    private const string Saxpy = """
        .version 6.0
        .target sm_50
        .address_size 64
        .visible .entry saxpy(.param .u32 n, .param .f32 a, .param .u64 x, .param .u64 y)
        {
            .reg .pred %p;
            .reg .b32 %r<6>;
            .reg .f32 %f<4>;
            .reg .b64 %d<6>;
            ld.param.u32 %r1, [n];
            mov.u32 %r2, %ctaid.x;
            mov.u32 %r3, %ntid.x;
            mov.u32 %r4, %tid.x;
            mad.lo.s32 %r5, %r2, %r3, %r4;
            setp.ge.u32 %p, %r5, %r1;
            @%p bra DONE;
            ld.param.f32 %f1, [a];
            ld.param.u64 %d1, [x];
            ld.param.u64 %d2, [y];
            cvta.to.global.u64 %d1, %d1;
            cvta.to.global.u64 %d2, %d2;
            mul.wide.u32 %d3, %r5, 4;
            add.s64 %d4, %d1, %d3;
            add.s64 %d5, %d2, %d3;
            ld.global.f32 %f2, [%d4];
            ld.global.f32 %f3, [%d5];
            fma.rn.f32 %f3, %f1, %f2, %f3;
            st.global.f32 [%d5], %f3;
        DONE:
            ret;
        }
        """;

    [Test]
    public void TryOpen_WithOrWithoutADriver_AgreesWithDescribe()
    {
        bool open = CudaDriver.TryOpen(out CudaDriver? driver);

        Assert.That(driver, open ? Is.Not.Null : Is.Null);
        Assert.That(CudaDriver.Describe(), open ? Does.StartWith("CUDA driver").And.Contain("compute") : Does.Contain("no GPU").Or.Contain("No NVIDIA driver"));
    }

    [Test]
    public void Describe_WithoutADriver_NamesEveryLibraryLookedFor()
    {
        if (!CudaDriver.Describe().StartsWith("No NVIDIA driver", StringComparison.Ordinal))
            Assert.Ignore($"This machine has a driver. {CudaDriver.Describe()}");

        Assert.That(CudaDriver.Describe(), Does.Contain(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1").And.EndsWith("."));
    }

    [Test]
    public void CudaException_Message_NamesTheCallAndTheError()
        => Assert.That(new CudaException("cuMemAlloc_v2", 2, "CUDA_ERROR_OUT_OF_MEMORY").Message, Is.EqualTo("cuMemAlloc_v2 failed with CUDA_ERROR_OUT_OF_MEMORY (2)."));

    [Test, Category("Gpu")]
    public void Saxpy_LaunchedFromPtx_ComputesWhatTheHostComputes()
    {
        const int count = 100_003;
        const int threads = 256;
        using CudaDevice device = OpenOrSkip();
        using CudaModule module = device.Load(Encoding.UTF8.GetBytes(Saxpy));
        using CudaStream stream = device.CreateStream();
        using CudaEvent start = device.CreateEvent();
        using CudaEvent end = device.CreateEvent();
        using CudaMemory x = device.Allocate(count * sizeof(float));
        using CudaMemory y = device.Allocate(count * sizeof(float));
        using PinnedMemory back = device.AllocateHost(count * sizeof(float));
        float[] xs = [.. Enumerable.Range(0, count).Select(i => i % 97 * 0.5f)];
        float[] ys = [.. Enumerable.Range(0, count).Select(i => (float)(i % 89))];
        CudaFunction saxpy = module.Function("saxpy");

        x.Write<float>(xs);
        y.Write<float>(ys);
        start.Record(stream);
        saxpy.Launch(new LaunchShape((count + threads - 1) / threads, threads), stream, KernelArgument.Of(count), KernelArgument.Of(2f), KernelArgument.Of(x), KernelArgument.Of(y));
        end.Record(stream);
        y.Read(back, stream);
        stream.Synchronize();

        // Halves and whole numbers: the product and the sum are exact in either order.
        Assert.That(back.Span<float>().ToArray(), Is.EqualTo(xs.Zip(ys, (a, b) => (2 * a) + b)));
        Assert.That(end.SecondsSince(start), Is.GreaterThan(0).And.LessThan(1));
        Assert.That(saxpy.BlocksPerMultiprocessor(threads), Is.GreaterThan(0));
    }

    [Test, Category("Gpu")]
    public void Load_BrokenPtx_SaysWhatTheCompilerSaid()
    {
        using CudaDevice device = OpenOrSkip();

        CudaException refused = Assert.Throws<CudaException>(() => device.Load(".version 6.0\n.target sm_50\nnonsense"u8))!;

        Assert.That(refused.Message, Does.Contain("cuModuleLoadDataEx").And.Contain("nonsense").Or.Contain("line"));
    }

    private static CudaDevice OpenOrSkip()
    {
        if (!CudaDriver.TryOpen(out CudaDriver? driver))
            Assert.Ignore($"No GPU. {CudaDriver.Describe()}");
        return driver!.Open(0);
    }
}
