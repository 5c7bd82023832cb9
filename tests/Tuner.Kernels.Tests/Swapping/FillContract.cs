using Tuner.Kernels.Swapping;

namespace Tuner.Kernels.Tests.Swapping;

internal sealed class FillContract(string name = "fill", int most = int.MaxValue) : KernelContract<FillCall>
{
    public override string Operation => name;

    public override Tolerance Tolerance => new(1e-5, 1e-6);

    public override bool Covers(in FillCall call) => call.Count <= most;

    public override long OutputBytes(in FillCall call) => (long)call.Count * sizeof(float);

    public override FillCall Redirect(in FillCall call, KernelScratch scratch) => call with { Output = scratch.Reserve(OutputBytes(call)) };

    public override OutputVerdict Compare(in FillCall expected, in FillCall actual) => Tolerance.Compare(expected.Values, actual.Values);
}
