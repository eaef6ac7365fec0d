//! Addresses and blocks of them.

use super::{Function, add, div, first, literal_count, mul, sub};
use crate::{
    pipeline::{Expr, Func, Type},
    span::Span,
    spl::build,
    sumo::{lowering::Lower, names, value},
};

fn within(address: &Expr, block: &str, span: Span) -> Expr {
    build::call(Func::CidrMatch, vec![address.clone(), build::text(block, span)], Type::Bool, span)
}

fn within_any(address: &Expr, blocks: &[&str], span: Span) -> Expr {
    build::any(blocks.iter().map(|block| within(address, block, span)).collect(), span)
}

/// RFC 1918, and the unique local addresses of IPv6.
const PRIVATE: &[&str] = &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];
/// Other addresses that are nobody's on the internet.
const RESERVED: &[&str] = &[
    "0.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/127",
    "fe80::/10",
    "ff00::/8",
    "2001:db8::/32",
];

fn test(args: Vec<Expr>, span: Span, blocks: fn(&Expr, Span) -> Expr) -> Lower<Expr> {
    Ok(blocks(&names::text(first(args)), span))
}

pub(super) const IS_VALID_IP: Function = Function {
    name: "isValidIP",
    aliases: &[],
    syntax: "isValidIP(<address>)",
    help: "True for an address of IPv4 or IPv6.",
    args: (1, 1),
    lower: |_, args, span| test(args, span, |address, span| within_any(address, &["0.0.0.0/0", "::/0"], span)),
};

pub(super) const IS_VALID_IPV4: Function = Function {
    name: "isValidIPv4",
    aliases: &[],
    syntax: "isValidIPv4(<address>)",
    help: "True for an address of IPv4.",
    args: (1, 1),
    lower: |_, args, span| test(args, span, |address, span| within(address, "0.0.0.0/0", span)),
};

pub(super) const IS_VALID_IPV6: Function = Function {
    name: "isValidIPv6",
    aliases: &[],
    syntax: "isValidIPv6(<address>)",
    help: "True for an address of IPv6.",
    args: (1, 1),
    lower: |_, args, span| test(args, span, |address, span| within(address, "::/0", span)),
};

pub(super) const IS_PRIVATE_IP: Function = Function {
    name: "isPrivateIP",
    aliases: &[],
    syntax: "isPrivateIP(<address>)",
    help: "True for an address of a private network.",
    args: (1, 1),
    lower: |_, args, span| test(args, span, |address, span| within_any(address, PRIVATE, span)),
};

pub(super) const IS_RESERVED_IP: Function = Function {
    name: "isReservedIP",
    aliases: &[],
    syntax: "isReservedIP(<address>)",
    help: "True for an address that is set aside: loopback, link-local, documentation, multicast.",
    args: (1, 1),
    lower: |_, args, span| test(args, span, |address, span| within_any(address, RESERVED, span)),
};

pub(super) const IS_PUBLIC_IP: Function = Function {
    name: "isPublicIP",
    aliases: &[],
    syntax: "isPublicIP(<address>)",
    help: "True for an address that is neither private nor set aside: one of the internet.",
    args: (1, 1),
    lower: |_, args, span| {
        test(args, span, |address, span| {
            let valid = within_any(address, &["0.0.0.0/0", "::/0"], span);
            // The addresses that manuals use as examples of the internet's pass as such.
            let set_aside: Vec<&str> = RESERVED
                .iter()
                .copied()
                .filter(|block| !DOCUMENTATION.contains(block))
                .chain(PRIVATE.iter().copied())
                .collect();
            let inside = build::not(build::is_true(within_any(address, &set_aside, span)));
            build::all(vec![valid, inside], span)
        })
    },
};

const DOCUMENTATION: &[&str] = &["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"];

/// An IPv4 address as a number; null where it is none.
fn as_number(address: Expr, span: Span) -> Expr {
    let parts = build::call(Func::Split, vec![address.clone(), build::text(".", span)], Type::List, span);
    let part = |index: i64, factor: f64| {
        let text = build::call(Func::ListIndex, vec![parts.clone(), build::int(index, span)], Type::Text, span);
        mul(build::to_number(text), build::float(factor, span))
    };
    let sum = add(add(part(0, 16_777_216.0), part(1, 65_536.0)), add(part(2, 256.0), part(3, 1.0)));
    let none = Expr { ty: Type::Float, ..build::null(span) };
    build::call(Func::If, vec![within(&address, "0.0.0.0/0", span), sum, none], Type::Float, span)
}

/// A number as an IPv4 address.
fn as_address(number: &Expr, span: Span) -> Expr {
    let octet = |factor: f64| {
        let shifted =
            build::call(Func::Floor, vec![div(number.clone(), build::float(factor, span))], Type::Float, span);
        let octet = build::call(Func::Mod, vec![shifted, build::float(256.0, span)], Type::Float, span);
        build::to_text(build::to_int(octet))
    };
    let dot = || build::text(".", span);
    let parts = vec![octet(16_777_216.0), dot(), octet(65_536.0), dot(), octet(256.0), dot(), octet(1.0)];
    build::call(Func::Concat, parts, Type::Text, span)
}

pub(super) const IPV4_TO_NUMBER: Function = Function {
    name: "ipv4ToNumber",
    aliases: &[],
    syntax: "ipv4ToNumber(<address>)",
    help: "An IPv4 address as the number that its bytes are.",
    args: (1, 1),
    lower: |_, args, span| {
        let number = as_number(names::text(first(args)), span);
        Ok(build::call(Func::ToInt, vec![number], Type::Int, span))
    },
};

pub(super) const COMPARE_CIDR_PREFIX: Function = Function {
    name: "compareCIDRPrefix",
    aliases: &[],
    syntax: "compareCIDRPrefix(<address>, <address>, <bits>)",
    help: "True where the first so many bits of two addresses are the same.",
    args: (3, 3),
    lower: |_, args, span| {
        let mut args = args.into_iter();
        let mut next = || args.next().unwrap_or_else(|| build::null(span));
        let (a, b, bits) = (names::text(next()), names::text(next()), next());
        let bits = build::to_text(build::to_int(bits));
        let block = match (build::literal_text(&b), build::literal_text(&bits)) {
            (Some(b), Some(bits)) => build::text(format!("{b}/{bits}"), span),
            _ => build::call(Func::Concat, vec![b, build::text("/", span), bits], Type::Text, span),
        };
        Ok(build::call(Func::CidrMatch, vec![a, block], Type::Bool, span))
    },
};

/// Two to the number of bits that a prefix leaves free.
fn free(bits: i64) -> f64 {
    2_f64.powi(32 - i32::try_from(bits.clamp(0, 32)).unwrap_or(32))
}

pub(super) const GET_CIDR_PREFIX: Function = Function {
    name: "getCIDRPrefix",
    aliases: &[],
    syntax: "getCIDRPrefix(<address>, <bits>)",
    help: "The network that an IPv4 address is in: the address with its last bits cleared.",
    args: (2, 2),
    lower: |lowerer, mut args, span| {
        let bits = args.pop().unwrap_or_else(|| build::null(span));
        let size = build::float(free(literal_count(lowerer, &bits, "the number of bits")?), span);
        let number = as_number(names::text(first(args)), span);
        let rest = build::call(Func::Mod, vec![number.clone(), size], Type::Float, span);
        Ok(as_address(&sub(number, rest), span))
    },
};

pub(super) const MASK_FROM_CIDR: Function = Function {
    name: "maskFromCIDR",
    aliases: &[],
    syntax: "maskFromCIDR(<bits>)",
    help: "The network mask of a prefix of so many bits: `255.255.0.0` for 16.",
    args: (1, 1),
    lower: |_, args, span| {
        let bits = value::number(first(args));
        let left = sub(build::float(32.0, span), bits);
        let size = build::call(Func::Pow, vec![build::float(2.0, span), left], Type::Float, span);
        Ok(as_address(&sub(build::float(4_294_967_296.0, span), size), span))
    },
};

#[cfg(test)]
mod tests {
    use crate::sumo::testing::value;

    #[test]
    fn blocks() {
        for (expression, expected) in [
            ("isValidIPv4(sourceIPAddress)", "cidr_match(source_ip_address, \"0.0.0.0/0\")"),
            (
                "compareCIDRPrefix(sourceIPAddress, \"10.0.0.0\", toInt(8))",
                "cidr_match(source_ip_address, \"10.0.0.0/8\")",
            ),
        ] {
            assert_eq!(value(expression), expected, "{expression}");
        }
        assert!(value("isPublicIP(sourceIPAddress)").contains("not is_true("));
        assert!(value("ipv4ToNumber(sourceIPAddress)").starts_with("to_int(if("));
    }
}
