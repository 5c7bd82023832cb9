namespace Tuner.Env.Traffic;

/// <summary>How prompts share prefixes.</summary>
/// <param name="BlockTokens">Tokens a block.</param>
/// <param name="SystemBlocks">Leading blocks that every prompt shares: the system prompt.</param>
/// <param name="ContinueShare">How often a prompt looks for an earlier conversation to continue.</param>
/// <param name="OpenConversations">How many conversations can still go on.</param>
/// <param name="Candidates">How many of them are looked at; the longest that fits into the prompt goes on.</param>
internal sealed record PrefixSpec(int BlockTokens, int SystemBlocks, double ContinueShare, int OpenConversations, int Candidates);
