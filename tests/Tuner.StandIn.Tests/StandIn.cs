using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Tuner.Kernels.Compilation;

namespace Tuner.StandIn.Tests;

/// <summary>
/// Builds the stand-in for libcuda with the machine's C++ compiler, the kernels' own sources inside, and loads it under libcuda's name before
/// anything looks for the real one. This test project is a process of its own for that reason.
/// </summary>
[SetUpFixture]
internal sealed partial class StandIn
{
    /// <summary>Work to a device: kernel or copy, grid, bytes of a copy, addresses of a kernel's arguments; gives seconds.</summary>
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate double TimeOfWork(nint kernel, uint gridX, uint gridY, uint gridZ, nuint bytes, nint arguments);

    private const string Library = "libcuda.so.1";
    private const string ProductLibrary = "libcublasLt.so.12";

    private static string? missing = "The stand-in was not built.";
    private static nint handle;
    private static nint productHandle;
    private static TimeOfWork? times;

    /// <summary>Skips the test, saying why, where there is no stand-in.</summary>
    public static void Require()
    {
        if (missing is not null)
            Assert.Ignore(missing);
        Reset();
    }

    /// <summary>Sets what the stand-in pretends; see <c>settings</c> of <c>libcuda.cpp</c>.</summary>
    public static void Set(string name, long value) => Function<SetFunction>("standin_set")(name, value);

    /// <summary>Calls of a driver function so far.</summary>
    public static long Calls(string name) => Function<CallsFunction>("standin_calls")(name);

    /// <summary>Objects the driver made and nobody gave back.</summary>
    public static long Alive() => Function<AliveFunction>("standin_alive")();

    /// <summary>Objects the stand-in for cuBLASLt made and nobody gave back.</summary>
    public static long LibraryAlive() => Marshal.GetDelegateForFunctionPointer<AliveFunction>(NativeLibrary.GetExport(productHandle, "standin_library_alive"))();

    /// <summary>Sets what events tell. The times are the test's, and no measurement.</summary>
    public static void Time(TimeOfWork? work)
    {
        times = work;
        Function<TimeFunction>("standin_time")(work is null ? 0 : Marshal.GetFunctionPointerForDelegate(work));
        GC.KeepAlive(times);
    }

    [OneTimeSetUp]
    public void Build()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            missing = "The stand-in for libcuda is built on x86-64 Linux only.";
            return;
        }

        string folder = Path.Combine(Path.GetTempPath(), $"tuner-standin-{Hash()}");
        if (!File.Exists(Path.Combine(folder, "libcuda.so")))
        {
            missing = Compile(folder);
            if (missing is not null)
                return;
        }

        handle = NativeLibrary.Load(Path.Combine(folder, Library));

        // The same under the name ManagedCuda looks for.
        _ = NativeLibrary.Load(Path.Combine(folder, "libcuda.so"));
        productHandle = NativeLibrary.Load(Path.Combine(folder, ProductLibrary));
        missing = null;
    }

    private static void Reset()
    {
        foreach ((string name, long value) in new (string, long)[] { ("devices", 1), ("version", 12040), ("memory", 4L << 30), ("major", 9), ("minor", 0), ("execute", 1), ("fail_launch", 0), ("init", 0), ("cublaslt", 0), ("reset", 0) })
            Set(name, value);
        Time(null);
    }

    /// <returns>Why there is no library; null when there is one.</returns>
    private static string? Compile(string folder)
    {
        string temporary = $"{folder}.{Environment.ProcessId}";
        Directory.CreateDirectory(temporary);
        foreach ((string name, string text) in Files())
            File.WriteAllText(Path.Combine(temporary, name), text);
        string[] sources = [.. Directory.GetFiles(temporary, "*.cpp").Select(path => Path.GetFileName(path)!).Where(name => name is not ("empty.cpp" or "libcublaslt.cpp"))];
        var errors = new string?[sources.Length];
        Parallel.For(0, sources.Length, i => errors[i] = Run(temporary, $"-c -std=c++17 -O1 -w -fPIC {sources[i]} -o {sources[i]}.o"));
        string? error = errors.FirstOrDefault(each => each is not null)
            ?? Run(temporary, $"-shared -Wl,-soname,{Library} -o {Library} {string.Join(' ', sources.Select(name => name + ".o"))}")
            ?? Run(temporary, $"-shared -fPIC -Wl,-soname,libcuda.so -Wl,--no-as-needed -o libcuda.so empty.cpp {Library}")
            ?? Run(temporary, $"-shared -std=c++17 -O2 -fPIC -Wl,-soname,{ProductLibrary} -o {ProductLibrary} libcublaslt.cpp {Library}");
        if (error is not null)
            return error;
        try
        {
            Directory.Move(temporary, folder);
        }
        catch (IOException)
        {
            // Another run was quicker.
            Directory.Delete(temporary, recursive: true);
        }

        return null;
    }

    private static string? Run(string folder, string arguments)
    {
        try
        {
            using Process compiler = Process.Start(new ProcessStartInfo("g++", arguments) { WorkingDirectory = folder, RedirectStandardError = true })!;
            string said = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            return compiler.ExitCode == 0 ? null : throw new InvalidOperationException($"g++ {arguments}: {said[..Math.Min(4000, said.Length)]}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "There is no g++ to build the stand-in for libcuda with.";
        }
    }

    /// <summary>The native sources, the kernels' sources, and one file a kernel source that includes it once for each of its kernels.</summary>
    private static IEnumerable<(string Name, string Text)> Files()
    {
        foreach (string name in typeof(StandIn).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".h", StringComparison.Ordinal) || name.EndsWith(".cpp", StringComparison.Ordinal) || name.EndsWith(".cuh", StringComparison.Ordinal)))
            yield return (name, Resource(name));
        foreach ((string name, string text) in KernelSources.Headers.Where(header => header.Key != "primitives.cuh").Concat(KernelSources.All))
            yield return (name, text.Replace("#pragma once", "", StringComparison.Ordinal));
        yield return ("empty.cpp", "");
        foreach (IGrouping<string, KernelSpec> source in KernelCatalog.All.GroupBy(kernel => kernel.Source))
        {
            var text = new StringBuilder("#include \"primitives.cuh\"\n#include \"kernels.h\"\n");
            string[] own = [.. Defined().Matches(KernelSources.All[source.Key]).Select(match => match.Groups[1].Value).Distinct()];
            foreach (KernelSpec kernel in source)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"namespace in_{kernel.Entry} {{\n#define ENTRY {kernel.Entry}");
                foreach ((string define, int value) in kernel.Defines)
                    text.AppendLine(CultureInfo.InvariantCulture, $"#define {define} {value}");
                text.AppendLine(CultureInfo.InvariantCulture, $"#include \"{kernel.Source}\"");
                foreach (string define in kernel.Defines.Keys.Concat(own).Append("ENTRY"))
                    text.AppendLine(CultureInfo.InvariantCulture, $"#undef {define}");
                text.AppendLine(CultureInfo.InvariantCulture, $"static bool added = emu::add(\"{kernel.Entry}\", &{kernel.Entry});\n}}");
            }

            yield return ($"{Path.GetFileNameWithoutExtension(source.Key)}.cpp", text.ToString());
        }
    }

    private static string Hash()
        => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(Files().OrderBy(file => file.Name, StringComparer.Ordinal).Select(file => file.Name + file.Text)))))[..16];

    private static string Resource(string name)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private static T Function<T>(string name)
        where T : Delegate
        => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(handle, name));

    [GeneratedRegex(@"^\s*#define (\w+)", RegexOptions.Multiline)]
    private static partial Regex Defined();

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int SetFunction([MarshalAs(UnmanagedType.LPUTF8Str)] string name, long value);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate long CallsFunction([MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate long AliveFunction();

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int TimeFunction(nint function);
}
