using Tuner.Env.Simulation;
using Tuner.Kernels.Reference;
using Tuner.Kernels.Swapping;
using Tuner.Kernels.Swapping.Cpu;
using Tuner.Kernels.Tests.Reference;

namespace Tuner.Kernels.Tests.Swapping.Cpu;

/// <summary>The registry over the real products of the calibration.</summary>
internal sealed unsafe class ProductSwapTests
{
    private const int Rows = 9;
    private const int Inputs = 200;
    private const int Outputs = 70;

    [Test]
    public void Propose_ATunedBlocking_IsPromotedWhileProductsRun()
    {
        (string serving, List<AuditKind> log, bool right) = Run(new TunedProductKernel(new TunableProduct(64, 16, 2)), calls: 2000);

        Assert.That((serving, right), Is.EqualTo(("gemm-64x16x2", true)));
        Assert.That(log, Does.Contain(AuditKind.Settled));
    }

    [Test]
    public void Propose_AProductThatForgetsItsLastInput_IsRolledBackUnseen()
    {
        (string serving, List<AuditKind> log, bool right) = Run(new Forgetful(), calls: 100);

        Assert.That((serving, right), Is.EqualTo(("gemm-fixed", true)));
        Assert.That(log, Does.Contain(AuditKind.RolledBack));
    }

    private static (string Serving, List<AuditKind> Log, bool Right) Run(IKernel<ProductCall> candidate, int calls)
    {
        RandomStream random = RandomStream.For(1, "product swap");
        float[] plain = Draw.Numbers(random, Inputs * Outputs);
        float[] inputs = Draw.Numbers(random, Rows * Inputs);
        float[] expected = new float[Rows * Outputs];
        NaiveGemm.Multiply(inputs, plain, Rows, Inputs, Outputs, expected);
        using var team = new CpuTeam(2);
        using var weights = PackedWeights.From(plain, Inputs, Outputs, WeightFormat.Float32);
        using var text = new StringWriter();
        var registry = new KernelRegistry(new AuditLog(text, TimeProvider.System));
        KernelOperation<ProductCall> product = registry.Register(new ProductContract(), new GemmKernel());
        using KernelWorker worker = registry.Attach();
        product.Propose(candidate, new TrialOptions { SlowdownAllowed = 1000 });
        bool right = true;
        float[] outputs = new float[Rows * Outputs];
        fixed (float* x = inputs, y = outputs)
        {
            var call = new ProductCall((nint)x, Rows, weights, (nint)y, team);
            for (int i = 0; i < calls; i++)
            {
                call.Output.Clear();
                using (KernelStep step = worker.BeginStep())
                    step.Run(product, call);
                right &= new Tolerance(1e-4, 1e-6).Compare(expected, outputs).Agrees;
            }
        }

        return (product.Serving, [.. text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => AuditLog.Parse(line).Kind)], right);
    }

    /// <summary>Right but for one term of each sum: an off-by-one as kernels have them.</summary>
    private sealed class Forgetful : IKernel<ProductCall>
    {
        private readonly GemmKernel whole = new();

        public string Name => "forgetful";

        public void Run(in ProductCall call)
        {
            float[] less = call.Input.ToArray();
            for (int row = 0; row < call.Rows; row++)
                less[((row + 1) * call.Weights.Inputs) - 1] = 0;
            fixed (float* x = less)
                whole.Run(call with { X = (nint)x });
        }
    }
}
