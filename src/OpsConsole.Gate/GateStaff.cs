using System.Net;

namespace OpsConsole.Gate;

/// <summary>Who tries the site before the members are let in: named users and address ranges. They pass while a gate thaws, never through a freeze.</summary>
public sealed class GateStaff
{
    private readonly HashSet<string> users;
    private readonly IPNetwork[] networks;

    /// <param name="addresses">single addresses or ranges such as 10.1.0.0/16</param>
    public GateStaff(IEnumerable<string> users, IEnumerable<string> addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        this.users = new(users, StringComparer.Ordinal);
        networks = [.. addresses.Select(Network)];
    }

    /// <summary>Nobody.</summary>
    public static GateStaff None { get; } = new([], []);

    /// <summary>The user or the address is staff's.</summary>
    public bool Includes(string? user, IPAddress? address)
    {
        if (user is not null && users.Contains(user))
        {
            return true;
        }
        if (address is null || networks.Length == 0)
        {
            return false;
        }
        // A dual-stack socket reports IPv4 callers in IPv6 clothes.
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(networks, n => n.Contains(plain));
    }

    private static IPNetwork Network(string text)
    {
        if (text.Contains('/', StringComparison.Ordinal))
        {
            return IPNetwork.Parse(text);
        }
        var address = IPAddress.Parse(text);
        return new(address, address.GetAddressBytes().Length * 8);
    }
}
