using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tuner.Env.Costs;

namespace Tuner.Env.Scenarios;

/// <summary>Writes a layout of experts as <c>[hidden, width, active, experts, ranks]</c>: a profile has hundreds of them.</summary>
internal sealed class ExpertLayoutConverter : JsonConverter<ExpertLayout>
{
    public override ExpertLayout Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonSerializer.Deserialize<int[]>(ref reader, options) is [> 0 and var hidden, > 0 and var width, > 0 and var active, > 0 and var experts, > 0 and var ranks]
            ? new ExpertLayout(hidden, width, active, experts, ranks)
            : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, ExpertLayout value, JsonSerializerOptions options) =>
        writer.WriteRawValue(string.Create(CultureInfo.InvariantCulture, $"[{value.Hidden}, {value.Width}, {value.Active}, {value.Experts}, {value.Ranks}]"));
}
