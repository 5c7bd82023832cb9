using System.Text.Json.Serialization;
using Tuner.Agent.Ppo;

namespace Tuner.Agent.Training;

[JsonSerializable(typeof(PpoOptions))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
