using Tuner.Policy.Files;
using Tuner.Policy.Knobs;
using Tuner.Policy.Safety;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Tests.Safety;

public sealed class QualityLedgerTests
{
    private static readonly ServingContract Contract = new() { QualityBudget = 0.2, Fp4Loss = 0.5, KvCompressionLoss = 0.3 };

    private static readonly KnobSettings Lossless = new(ParallelismMode.Single, PrecisionMode.Fp8, 0, 0, false, false, 0, false);

    private static readonly WindowMetrics Window = new() { Seconds = 10, Completed = 40, MeanOutputTokens = 200, OutputTokensPerSecond = 800 };

    [Test]
    public void Lossless_SavesAWindowAWindow()
    {
        var ledger = new QualityLedger(Contract);

        WindowMetrics last = default;
        for (int i = 0; i < 30; i++)
            last = ledger.Enter(Window, Lossless);

        Assert.That((last.QualityLoss, last.QualityBalance), Is.EqualTo((0.0, 30.0)).Within(1e-9));
    }

    [TestCase(false, 1.5)]
    [TestCase(true, 3)]
    public void Lossy_SpendsWhatItsFormatsLose(bool compressed, double spentAWindow)
    {
        var ledger = new QualityLedger(Contract);
        for (int i = 0; i < 30; i++)
            ledger.Enter(Window, Lossless);

        WindowMetrics lossy = ledger.Enter(Window, Lossless with { Precision = PrecisionMode.Fp8Fp4, KvCompression = compressed });

        Assert.That(lossy.QualityBalance, Is.EqualTo(30 - spentAWindow).Within(1e-9));
    }

    [Test]
    public void BusyWindows_PayMore()
    {
        var ledger = new QualityLedger(Contract);
        for (int i = 0; i < 30; i++)
            ledger.Enter(Window, Lossless);

        WindowMetrics lossy = ledger.Enter(Window with { OutputTokensPerSecond = 3 * Window.OutputTokensPerSecond }, Lossless with { Precision = PrecisionMode.Fp8Fp4 });

        Assert.That(lossy.QualityBalance, Is.LessThan(30 - 4));
    }

    [Test]
    public void Savings_EndAtTwoHours()
    {
        var ledger = new QualityLedger(Contract);

        WindowMetrics last = default;
        for (int i = 0; i < 5000; i++)
            last = ledger.Enter(Window, Lossless);

        Assert.That(last.QualityBalance, Is.EqualTo(720).Within(1e-6));
    }

    [Test]
    public void Account_GoesOnWhereItWasLeft()
    {
        var one = new QualityLedger(Contract);
        one.Enter(Window, Lossless);

        var next = new QualityLedger(Contract) { Account = one.Account };

        Assert.That(next.Enter(Window, Lossless).QualityBalance, Is.EqualTo(2).Within(1e-9));
    }

    [Test]
    public void Silence_CostsNothing()
    {
        var ledger = new QualityLedger(Contract);

        WindowMetrics quiet = ledger.Enter(new WindowMetrics { Seconds = 10 }, Lossless with { Precision = PrecisionMode.Fp8Fp4 });

        Assert.That(quiet.QualityBalance, Is.Zero);
    }
}
