using System.Net;
using System.Net.Sockets;

namespace Tuner.Policy.Tests;

/// <summary>Ports of this machine for programs that tests start.</summary>
internal static class LoopbackPort
{
    /// <summary>One that nobody listens on now.</summary>
    public static int Free()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
