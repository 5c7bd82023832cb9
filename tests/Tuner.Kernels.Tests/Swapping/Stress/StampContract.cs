using Tuner.Kernels.Swapping;

namespace Tuner.Kernels.Tests.Swapping.Stress;

public sealed class StampContract : KernelContract<StampCall>
{
    public override string Operation => "stamp";

    public override Tolerance Tolerance => new(1e-5, 0);

    public override bool Covers(in StampCall call) => true;

    public override long OutputBytes(in StampCall call) => (long)call.Count * sizeof(float);

    public override StampCall Redirect(in StampCall call, KernelScratch scratch) => call with { Output = scratch.Reserve(OutputBytes(call)) };

    public override OutputVerdict Compare(in StampCall expected, in StampCall actual) => Tolerance.Compare(expected.Values, actual.Values);
}
