"""Which addresses a site may have: global unicast by a table of our own, without anything special inside.

Python's `is_global` says yes to NAT64, 6to4 and others that lead back into the own network, and differs between
versions. The blocks are those of the two IANA special-purpose registries (read on 2026-11-25), those for multicast and
future use, and one that a cloud uses inside: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16.
"""

import ipaddress
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

SPECIAL_V4: Final = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16",
            "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "168.63.129.16/32",
        ),
    )
)  # fmt: skip
GLOBAL_V6: Final = ipaddress.IPv6Network("2000::/3")
"""All that is handed out as global unicast. Loopback, mapped, NAT64, unique local and link-local are outside."""
SPECIAL_V6: Final = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # IETF protocols: Teredo, ORCHID, benchmarking, AMT, AS112
            "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
        ),
    )
)  # fmt: skip
OUTSIDE_V6: Final = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "::/128", "::1/128", "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48",
            "100::/64",
            "100:0:0:1::/64", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        ),
    )
)  # fmt: skip
"""Special blocks that are outside of `GLOBAL_V6` anyway: for whoever wants to see that they are refused."""
_ISATAP = (0x00005EFE, 0x02005EFE)
_V4 = 0xFFFFFFFF


def is_public(address: Address) -> bool:
    """Whether the address belongs to the public Internet, as far as registries can say."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in block for block in SPECIAL_V4)
    if address.scope_id is not None or address not in GLOBAL_V6 or any(address in block for block in SPECIAL_V6):
        return False
    if (int(address) >> 32) & _V4 in _ISATAP:  # an IPv4 address inside: RFC 5214
        return is_public(ipaddress.IPv4Address(int(address) & _V4))
    return True
