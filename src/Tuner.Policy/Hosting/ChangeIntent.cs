using Tuner.Policy.Knobs;

namespace Tuner.Policy.Hosting;

/// <summary>A change about to be made, written down first.</summary>
/// <param name="From">What ran before.</param>
/// <param name="To">What shall run.</param>
/// <param name="Reason">Why.</param>
internal sealed record ChangeIntent(KnobSettings From, KnobSettings To, string Reason);
