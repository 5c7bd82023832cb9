using Tuner.Engines.CommandLines;
using Tuner.Policy.Files;
using Tuner.Policy.Knobs;

namespace Tuner.Engines.Tests;

internal static class Example
{
    public static readonly KnobSettings First = new(ParallelismMode.Tensor, PrecisionMode.Fp8, 0, 0, false, false, 0, false);

    public static readonly ServingContract Contract = new()
    {
        BatchLadder = [new(64, 2048), new(128, 4096), new(256, 8192)],
        BatchWaitLadder = [0, 0.02],
        Drafts = ["1b", "3b"],
        Objective = new(0.5, 0, 0.03),
    };

    public static EngineSetup Setup(params string[] more) => new()
    {
        Contract = Contract,
        Checkpoints = new Dictionary<PrecisionMode, string> { [PrecisionMode.Fp8] = "llama-fp8", [PrecisionMode.Fp8Fp4] = "llama-fp4" },
        Layouts = new Dictionary<ParallelismMode, EngineLayout> { [ParallelismMode.Tensor] = new(4), [ParallelismMode.Hybrid] = new(2, 2) },
        Drafts = [new EngineDraft("llama-1b", 3), new EngineDraft("eagle \"x\"", 5, Eagle3: true)],
        More = more,
    };
}
