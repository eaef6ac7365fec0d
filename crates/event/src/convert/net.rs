//! Names of protocols and ports, as IANA assigns them.

use std::net::IpAddr;

/// Protocol numbers that flow logs show, with their keywords in lower case.
const PROTOCOLS: [(i64, &str); 34] = [
    (0, "hopopt"),
    (1, "icmp"),
    (2, "igmp"),
    (3, "ggp"),
    (4, "ipv4"),
    (6, "tcp"),
    (8, "egp"),
    (9, "igp"),
    (17, "udp"),
    (27, "rdp"),
    (33, "dccp"),
    (41, "ipv6"),
    (43, "ipv6-route"),
    (44, "ipv6-frag"),
    (46, "rsvp"),
    (47, "gre"),
    (50, "esp"),
    (51, "ah"),
    (58, "ipv6-icmp"),
    (59, "ipv6-nonxt"),
    (60, "ipv6-opts"),
    (88, "eigrp"),
    (89, "ospfigp"),
    (94, "ipip"),
    (97, "etherip"),
    (98, "encap"),
    (103, "pim"),
    (108, "ipcomp"),
    (112, "vrrp"),
    (115, "l2tp"),
    (132, "sctp"),
    (133, "fc"),
    (136, "udplite"),
    (137, "mpls-in-ip"),
];

/// Ports that an investigator meets, with the service's registered name; the same for TCP and UDP.
const PORTS: [(i64, &str); 64] = [
    (20, "ftp-data"),
    (21, "ftp"),
    (22, "ssh"),
    (23, "telnet"),
    (25, "smtp"),
    (53, "domain"),
    (67, "bootps"),
    (68, "bootpc"),
    (69, "tftp"),
    (80, "http"),
    (88, "kerberos"),
    (110, "pop3"),
    (111, "sunrpc"),
    (123, "ntp"),
    (135, "epmap"),
    (137, "netbios-ns"),
    (138, "netbios-dgm"),
    (139, "netbios-ssn"),
    (143, "imap"),
    (161, "snmp"),
    (162, "snmptrap"),
    (179, "bgp"),
    (389, "ldap"),
    (443, "https"),
    (445, "microsoft-ds"),
    (464, "kpasswd"),
    (465, "submissions"),
    (500, "isakmp"),
    (514, "syslog"),
    (515, "printer"),
    (546, "dhcpv6-client"),
    (547, "dhcpv6-server"),
    (554, "rtsp"),
    (587, "submission"),
    (636, "ldaps"),
    (853, "domain-s"),
    (873, "rsync"),
    (989, "ftps-data"),
    (990, "ftps"),
    (993, "imaps"),
    (995, "pop3s"),
    (1080, "socks"),
    (1194, "openvpn"),
    (1433, "ms-sql-s"),
    (1434, "ms-sql-m"),
    (1521, "ncube-lm"),
    (1701, "l2tp"),
    (1723, "pptp"),
    (1812, "radius"),
    (1883, "mqtt"),
    (2049, "nfs"),
    (2375, "docker"),
    (2376, "docker-s"),
    (2379, "etcd-client"),
    (3306, "mysql"),
    (3389, "ms-wbt-server"),
    (4500, "ipsec-nat-t"),
    (5060, "sip"),
    (5432, "postgresql"),
    (5985, "wsman"),
    (5986, "wsmans"),
    (6379, "redis"),
    (8080, "http-alt"),
    (11211, "memcache"),
];

/// The keyword of an IP protocol, in lower case.
pub fn protocol_name(number: i64) -> Option<&'static str> {
    PROTOCOLS.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
}

/// The number of an IP protocol by its keyword, in whatever case.
pub fn protocol_number(name: &str) -> Option<i64> {
    PROTOCOLS.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(number, _)| *number)
}

/// The registered service of a port.
pub fn port_name(port: i64) -> Option<&'static str> {
    PORTS.iter().find(|(known, _)| *known == port).map(|(_, name)| *name)
}

/// `ipv4` or `ipv6`.
pub(super) fn family(address: &str) -> Option<&'static str> {
    match address.parse::<IpAddr>().ok()? {
        IpAddr::V4(_) => Some("ipv4"),
        IpAddr::V6(_) => Some("ipv6"),
    }
}

/// The names of TCP flags in a flow log's bit mask, lowest bit first.
pub(super) fn tcp_flags(mask: i64) -> Vec<&'static str> {
    const NAMES: [&str; 8] = ["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"];
    NAMES.iter().enumerate().filter(|(bit, _)| mask & (1 << bit) != 0).map(|(_, name)| *name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names() {
        assert_eq!([protocol_name(6), protocol_name(58), protocol_name(250)], [Some("tcp"), Some("ipv6-icmp"), None]);
        assert_eq!([protocol_number("UDP"), protocol_number("?")], [Some(17), None]);
        assert_eq!([port_name(22), port_name(3389), port_name(49152)], [Some("ssh"), Some("ms-wbt-server"), None]);
        assert!(PROTOCOLS.is_sorted_by_key(|(number, _)| *number) && PORTS.is_sorted_by_key(|(number, _)| *number));
        assert_eq!(tcp_flags(0x13), ["fin", "syn", "ack"]);
        assert_eq!([family("::1"), family("10.0.0.1"), family("x")], [Some("ipv6"), Some("ipv4"), None]);
    }
}
