using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Tuner.Cli;

/// <summary>The usual help text with a command line worth trying below it.</summary>
internal sealed class HelpWithExample(HelpAction help) : SynchronousCommandLineAction
{
    private static readonly Dictionary<string, string> Examples = new()
    {
        ["tuner"] = "tuner demo",
        ["tuner demo"] = "tuner demo --out runs/first",
        ["tuner train"] = "tuner train --scenario llama70b-8xb200 --traffic mixed-day --out runs/b200",
        ["tuner evaluate"] = "tuner evaluate --scenario llama70b-8xb200 --policy runs/b200/policy.tuner --traffic azure-conv.csv --sustained-load",
        ["tuner engine"] = "tuner engine --scenario llama8b-1xh100 --traffic conversation --port 8000 --speed 10",
        ["tuner replay"] = "tuner replay vllm-run/requests.jsonl --scenario llama8b-1xrtxpro6000 --plots plots",
        ["tuner simulate"] = "tuner simulate --scenario llama8b-1xh100 --traffic conversation --set max-batch=128,speculation=on --trace-out events.json --plots plots",
        ["tuner search"] = "tuner search --scenario llama8b-1xh100 --traffic conversation code",
        ["tuner predict"] = "tuner predict --hardware h100 --model qwen3-32b --precision fp8 --tp 2 --batch 32 --input 1024 --output 512",
        ["tuner calibrate"] = "tuner calibrate --device cpu --out cpu.json --measurements cpu-raw.json",
        ["tuner traffic"] = "tuner traffic list",
        ["tuner traffic inspect"] = "tuner traffic inspect mixed-day --plot day.png",
        ["tuner traffic synthesize"] = "tuner traffic synthesize mixed-day --rate 12 --seed 7 --out day7.jsonl.gz",
        ["tuner traffic list"] = "tuner traffic list",
        ["tuner inspect"] = "tuner inspect runs/b200/policy.tuner",
        ["tuner doctor"] = "tuner doctor",
    };

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int exit = help.Invoke(parseResult);
        if (Examples.TryGetValue(CommandLine.PathOf(parseResult.CommandResult.Command), out string? example))
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Example:");
            output.WriteLine($"  {example}");
            output.WriteLine();
        }

        return exit;
    }
}
