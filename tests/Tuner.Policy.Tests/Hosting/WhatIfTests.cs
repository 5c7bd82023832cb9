using System.Text.Json.Nodes;
using Tuner.Policy.Hosting;
using Tuner.Policy.Safety;

namespace Tuner.Policy.Tests.Hosting;

public sealed class WhatIfTests
{
    private static readonly PredictedEffect Effect = new()
    {
        Attainment = new(0.97, 0.99, 0.01, 0.03), TtftP90 = default, TpotP90 = default, JoulesPerToken = default, QualityLoss = default, HorizonSeconds = 60,
    };

    [Test]
    public async Task Step_ChangeProposed_IsPredictedAndTheOutcomeStandsBesideIt()
    {
        var asked = new List<WhatIfQuestion>();
        using var rig = new Rig(guard => guard.Mode = TunerMode.Shadow, whatIf: new Answering(question =>
        {
            asked.Add(question);
            return Task.FromResult<PredictedEffect?>(Effect);
        }));

        await rig.UntilAsync("shadowed");
        await rig.WhatIfEndsAsync();
        await rig.StepAsync();

        Assert.That(asked[0].Current, Is.EqualTo(FileEngine.Operators));
        Assert.That(asked[0].Proposed, Is.EqualTo(FileEngine.Operators with { Speculation = true }));
        Assert.That(asked[0].Windows, Has.Count.InRange(1, WhatIfQuestion.MostWindows));
        Assert.That(asked[0].Windows[^1].Arrived, Is.EqualTo(FileEngine.Good.Arrived));
        JsonNode prediction = Lines(rig, "prediction")[0];
        JsonNode outcome = Lines(rig, "outcome").Single(line => (string)line["id"]! == (string)prediction["id"]!);
        Assert.That((double)prediction["effect"]!["attainment"]!["difference"]!, Is.EqualTo(0.02).Within(1e-9));
        Assert.That((double)outcome["predicted"]!["attainment"]!["held"]!, Is.EqualTo(0.97));
    }

    [Test]
    public async Task Step_NothingProposed_AsksNothing()
    {
        int asked = 0;
        using var rig = new Rig(guard => guard.Mode = TunerMode.Shadow, policy: ExamplePolicy.Wanting(), whatIf: new Answering(_ =>
        {
            asked++;
            return Task.FromResult<PredictedEffect?>(null);
        }));

        await rig.StepAsync(20);

        Assert.That(asked, Is.Zero);
    }

    [Test]
    public async Task Step_WhatIfThrows_ChangesNothingElse()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active, whatIf: new Answering(_ => throw new InvalidOperationException("no idea")));

        await rig.UntilAsync("changed");
        await rig.WhatIfEndsAsync();
        await rig.StepAsync(5);

        Assert.That(rig.Engine.Now.Speculation, Is.True);
        Assert.That(Lines(rig, "prediction"), Is.Empty);
    }

    [Test]
    public async Task Step_WhatIfCannotBeMade_ChangesNothingElse()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active, more: builder => builder.PredictWith(_ => throw new InvalidOperationException("no simulator")));

        await rig.UntilAsync("changed");
        await rig.WhatIfEndsAsync();

        Assert.That(rig.Engine.Now.Speculation, Is.True);
    }

    [Test]
    public async Task Step_WhatIfHangs_NoWindowWaitsAndItIsNotAskedAgain()
    {
        int asked = 0;
        var never = new TaskCompletionSource<PredictedEffect?>();
        using var rig = new Rig(guard => guard.Mode = TunerMode.Shadow, whatIf: new Answering(_ =>
        {
            asked++;
            return never.Task;
        }));

        await rig.UntilAsync("shadowed");
        await rig.StepAsync(20);

        Assert.That(rig.Status.Verdict, Is.EqualTo("shadowed"));
        Assert.That(asked, Is.EqualTo(1));
        never.SetResult(Effect);
    }

    private static JsonNode[] Lines(Rig rig, string kind) => [.. rig.AuditLines().Select(line => JsonNode.Parse(line)!).Where(line => (string)line["kind"]! == kind)];

    private sealed class Answering(Func<WhatIfQuestion, Task<PredictedEffect?>> answer) : IWhatIf
    {
        public ValueTask<PredictedEffect?> PredictAsync(WhatIfQuestion question, CancellationToken cancellation) => new(answer(question));
    }
}
