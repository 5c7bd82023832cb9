using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace Tuner.Cli.Commands.Doctor;

/// <summary>Whether libtorch loads and computes.</summary>
internal static class TorchCheck
{
    private const string Remedy =
        "build with -p:TorchBackend=cpu (the default) or cuda, restore the packages, and look at the C++ runtime above";

    public static Finding Check(bool runtimeIsRecent)
    {
        if (!runtimeIsRecent)
            return new Finding("libtorch", CheckOutcome.Missing, "not tried: it needs the C++ runtime above");
        try
        {
            (float product, bool cuda) = Multiply();
            return product == 14
                ? new Finding("libtorch", CheckOutcome.Ok, $"{TorchSharp.torch.__version__} computes on the CPU{(cuda ? " and on CUDA" : "")}")
                : new Finding("libtorch", CheckOutcome.Missing, $"loads, but says that (1,2,3)·(1,2,3) is {product}", Remedy);
        }
        catch (Exception failure) when (failure is TypeInitializationException or DllNotFoundException or NotSupportedException or BadImageFormatException or FileNotFoundException)
        {
            string message = (failure.InnerException ?? failure).Message.ReplaceLineEndings(" ");
            return new Finding("libtorch", CheckOutcome.Missing, $"does not load: {message}", Remedy);
        }
    }

    /// <summary>Kept apart so that a missing library fails here, where it is caught, and not when the caller is compiled.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (float Product, bool Cuda) Multiply()
    {
        using Tensor numbers = arange(1, 4, ScalarType.Float32);
        using Tensor product = numbers.dot(numbers);
        return (product.item<float>(), cuda.is_available());
    }
}
