"""Where the addresses of the sample logs are, as the tests of the dashboards have it: a table of networks, written as two
databases of MaxMind's format for the program, and asked here for what it should have found.
"""

import functools
import ipaddress
import struct

JAPAN, GERMANY, FRANCE, STATES = ("Japan", "JP"), ("Germany", "DE"), ("France", "FR"), ("United States", "US")
# Wider networks first: the last that an address lies in counts. What is nowhere else is in Canada, Ireland where IPv6.
# network, country, region, city, latitude, longitude, autonomous system, its organisation. The addresses are those of
# `crates/generate/src/people.rs` and its stories; places and systems are for the tests only.
TABLE = [
    ("2000::/3", ("Ireland", "IE"), "", "", 53.2, -8.1, 5466, "Eircom"),
    *((network, ("Canada", "CA"), "", "", 61.4, -98.3, 577, "Bell") for network in ("0.0.0.0/1", "128.0.0.0/1")),
    ("20.0.0.0/8", STATES, "Virginia", "Boydton", 36.67, -78.39, 8075, "Microsoft"),
    ("3.0.0.0/8", STATES, "Virginia", "Ashburn", 39.04, -77.49, 14618, "Amazon"),
    ("128.59.0.0/16", STATES, "New York", "New York", 40.75, -73.99, 14, "Columbia"),
    ("152.206.0.0/16", ("Cuba", "CU"), "La Habana", "Havana", 23.13, -82.38, 27725, "Empresa"),
    ("153.240.0.0/16", JAPAN, "Tokyo", "Tokyo", 35.69, 139.69, 4713, "NTT"),
    ("126.15.0.0/16", JAPAN, "Tokyo", "Tokyo", 35.69, 139.69, 17676, "SoftBank"),
    ("60.56.0.0/16", JAPAN, "Osaka", "Osaka", 34.69, 135.5, 17511, "Optage"),
    ("219.102.0.0/16", JAPAN, "Osaka", "Osaka", 34.69, 135.5, 17511, "Optage"),
    ("124.144.0.0/16", JAPAN, "Fukuoka", "Fukuoka", 33.59, 130.4, 7679, "QTnet"),
    ("202.247.0.0/16", JAPAN, "Tokyo", "Tokyo", 35.69, 139.69, 2497, "IIJ"),
    ("118.243.0.0/16", JAPAN, "Hokkaido", "Sapporo", 43.06, 141.35, 4685, "Asahi"),
    ("91.64.0.0/16", GERMANY, "Berlin", "Berlin", 52.52, 13.4, 3209, "Vodafone"),
    ("79.192.0.0/16", GERMANY, "Bavaria", "Munich", 48.14, 11.58, 3320, "Telekom"),
    ("93.192.0.0/16", GERMANY, "Bavaria", "Munich", 48.14, 11.58, 3320, "Telekom"),
    ("86.245.0.0/16", FRANCE, "Île-de-France", "Paris", 48.86, 2.35, 3215, "Orange"),
    ("89.160.0.0/16", ("Sweden", "SE"), "Östergötland", "Linköping", 58.41, 15.62, 29518, "Bredband2"),
    ("93.40.0.0/16", ("Italy", "IT"), "Lombardy", "Milan", 45.46, 9.19, 12874, "Fastweb"),
    ("122.167.0.0/16", ("India", "IN"), "Karnataka", "Bengaluru", 12.97, 77.59, 24560, "Airtel"),
    ("81.2.0.0/16", ("United Kingdom", "GB"), "England", "London", 51.51, -0.13, 20712, "Andrews"),
    ("113.161.0.0/16", ("Vietnam", "VN"), "", "Ho Chi Minh City", 10.82, 106.63, 45899, "VNPT"),
    ("95.24.0.0/16", ("Russia", "RU"), "Moscow", "Moscow", 55.75, 37.62, 8402, "Corbina"),
    ("84.83.0.0/16", ("The Netherlands", "NL"), "North Holland", "Amsterdam", 52.37, 4.9, 33915, "Ziggo"),
    ("187.34.0.0/16", ("Brazil", "BR"), "São Paulo", "São Paulo", -23.55, -46.64, 27699, "Telefonica"),
    ("41.190.0.0/16", ("Nigeria", "NG"), "Lagos", "Lagos", 6.45, 3.39, 37148, "Globacom"),
    ("185.220.0.0/16", GERMANY, "", "", 51.3, 9.49, 60729, "Relayon"),
    ("107.77.0.0/16", STATES, "", "", 37.75, -97.82, 20057, "ATT"),
    ("139.198.0.0/16", ("China", "CN"), "Beijing", "Beijing", 39.91, 116.4, 59078, "QingCloud"),
    ("8.8.0.0/16", STATES, "", "", 37.75, -97.82, 15169, "Google"),
    ("1.1.1.0/24", ("Australia", "AU"), "", "", -33.49, 143.21, 13335, "Cloudflare"),
    *((network, STATES, "Virginia", "Ashburn", 39.04, -77.49, 14618, "Amazon") for network in ("52.4.0.0/16", "54.236.0.0/16", "50.16.0.0/16", "18.232.0.0/16")),
    *((network, JAPAN, "Tokyo", "Tokyo", 35.69, 139.69, 16509, "Amazon") for network in ("13.112.0.0/16", "43.206.0.0/16", "54.248.0.0/16")),
    *((network, GERMANY, "Hesse", "Frankfurt am Main", 50.11, 8.68, 16509, "Amazon") for network in ("18.192.0.0/16", "52.58.0.0/16")),
]
SHARED = ipaddress.ip_network("100.64.0.0/10")
NETWORKS = [(ipaddress.ip_network(row[0]), row) for row in TABLE]


class Place:
    """What is known of an address; None where nothing is."""

    def __init__(self, row):
        _, (self.country, self.code), region, city, self.lat, self.lon, self.asn, self.org = row
        self.region, self.city = region or None, city or None


class Nowhere:
    country = code = region = city = lat = lon = asn = org = None


@functools.cache
def place(text):
    try:
        address = ipaddress.ip_address(text or "")
    except ValueError:
        return Nowhere
    if address.is_private or address in SHARED:
        return Nowhere
    found = [row for network, row in NETWORKS if address.version == network.version and address in network]
    return Place(found[-1]) if found else Nowhere


# ---- the format ------------------------------------------------------------------------------------------------------


def head(kind, size):
    first, more = (size, b"") if size < 29 else (29, bytes([size - 29]))
    assert size < 29 + 256
    return bytes([kind << 5 | first]) + more if kind < 8 else bytes([first, kind - 7]) + more


class Wide(int):
    """A number that the format wants in 32 bits."""


def value(found):
    if isinstance(found, str):
        text = found.encode()
        return head(2, len(text)) + text
    if isinstance(found, float):
        return head(3, 8) + struct.pack(">d", found)
    if isinstance(found, dict):
        return head(7, len(found)) + b"".join(value(key) + value(of) for key, of in found.items())
    if isinstance(found, list):
        return head(11, len(found)) + b"".join(map(value, found))
    kind, size = (9, 8) if found > 1 << 30 else (6, 4) if isinstance(found, Wide) else (5, 2)
    number = found.to_bytes(size, "big").lstrip(b"\0")
    return head(kind, len(number)) + number


def database(kind, entries):
    """A file of MaxMind's format: networks and what is known of each. More precise networks may lie in wider ones."""
    nodes = [[None, None]]
    for network, entry in sorted(entries, key=lambda entry: entry[0].prefixlen + (96 if entry[0].version == 4 else 0)):
        bits = f"{int(network.network_address):0128b}"[: (96 if network.version == 4 else 0) + network.prefixlen]
        at = 0
        for bit in bits[:-1]:
            below = nodes[at][int(bit)]
            if not isinstance(below, int):
                nodes.append([below, below])
                nodes[at][int(bit)] = below = len(nodes) - 1
            at = below
        nodes[at][int(bits[-1])] = (entry,)
    data, places, tree = b"", {}, b""
    for node in nodes:
        for side in node:
            if isinstance(side, tuple):
                written = value(side[0])
                if written not in places:
                    places[written] = len(data)
                    data += written
                side = len(nodes) + 16 + places[written]
            tree += (len(nodes) if side is None else side).to_bytes(3, "big")
    about = {
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": 1790000000,
        "database_type": kind,
        "description": {"en": "places of the sample logs"},
        "ip_version": 6,
        "languages": ["en"],
        "node_count": Wide(len(nodes)),
        "record_size": 24,
    }
    return tree + b"\0" * 16 + data + b"\xab\xcd\xefMaxMind.com" + value(about)


def write(folder):
    """Writes `city.mmdb` and `asn.mmdb` into the folder."""
    cities, systems = [], []
    for network, (_, (country, code), region, city, lat, lon, asn, org) in NETWORKS:
        found = {"country": {"iso_code": code, "names": {"en": country}}, "location": {"latitude": lat, "longitude": lon}}
        if city:
            found["city"] = {"names": {"en": city}}
        if region:
            found["subdivisions"] = [{"iso_code": region[:2].upper(), "names": {"en": region}}]
        cities.append((network, found))
        systems.append((network, {"autonomous_system_number": Wide(asn), "autonomous_system_organization": org}))
    (folder / "city.mmdb").write_bytes(database("GeoLite2-City", cities))
    (folder / "asn.mmdb").write_bytes(database("GeoLite2-ASN", systems))
