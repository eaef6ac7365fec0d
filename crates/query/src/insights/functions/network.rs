//! Functions of addresses.

use super::{Call, Function};
use crate::{
    insights::expr::text,
    pipeline::{Expr, Func, Type},
    spl::build,
};

const V4: &str = "0.0.0.0/0";
const V6: &str = "::/0";

fn inside(call: &mut Call<'_, '_>, blocks: &[&str]) -> Expr {
    let address = text(call.arg(0));
    let span = call.span;
    let one =
        |block: &&str| build::call(Func::CidrMatch, vec![address.clone(), build::text(*block, span)], Type::Bool, span);
    build::is_true(build::any(blocks.iter().map(one).collect(), span))
}

/// An address in a block; `family` leaves the other family's addresses out.
fn subnet(call: &mut Call<'_, '_>, family: Option<&str>) -> Expr {
    let address = text(call.arg(0));
    let block = text(call.arg(1));
    let span = call.span;
    if let Some(block) = call.literal(1) {
        let valid = block.split_once('/').is_some_and(|(address, length)| {
            let most = match address.trim().parse() {
                Ok(std::net::IpAddr::V4(_)) => 32,
                Ok(std::net::IpAddr::V6(_)) => 128,
                Err(_) => return false,
            };
            length.trim().parse::<u8>().is_ok_and(|length| length <= most)
        });
        if !valid {
            let message = format!("`{block}` is no block of addresses such as 10.0.0.0/8: nothing lies in it");
            call.lowerer.warning("insights.subnet", message, span);
        }
    }
    let found = build::call(Func::CidrMatch, vec![address.clone(), block], Type::Bool, span);
    let Some(family) = family else { return build::is_true(found) };
    let family = build::call(Func::CidrMatch, vec![address, build::text(family, span)], Type::Bool, span);
    build::is_true(build::all(vec![family, found], span))
}

const fn function(
    name: &'static str,
    arguments: usize,
    syntax: &'static str,
    help: &'static str,
    example: &'static str,
    lower: fn(&mut Call<'_, '_>) -> Expr,
) -> Function {
    Function { name, aliases: &[], arity: (arguments, arguments), syntax, help, example, lower }
}

pub(super) const ISIPINSUBNET: Function = function(
    "isIpInSubnet",
    2,
    "isIpInSubnet(address, \"block\")",
    "Whether an address, v4 or v6, lies in a block.",
    "filter isIpInSubnet(sourceIPAddress, \"10.0.0.0/8\")",
    |call| subnet(call, None),
);

pub(super) const ISIPV4INSUBNET: Function = function(
    "isIpv4InSubnet",
    2,
    "isIpv4InSubnet(address, \"block\")",
    "Whether a v4 address lies in a block.",
    "filter isIpv4InSubnet(sourceIPAddress, \"198.51.100.0/24\")",
    |call| subnet(call, Some(V4)),
);

pub(super) const ISIPV6INSUBNET: Function = function(
    "isIpv6InSubnet",
    2,
    "isIpv6InSubnet(address, \"block\")",
    "Whether a v6 address lies in a block.",
    "filter isIpv6InSubnet(sourceIPAddress, \"2001:db8::/32\")",
    |call| subnet(call, Some(V6)),
);

pub(super) const ISVALIDIP: Function = function(
    "isValidIp",
    1,
    "isValidIp(text)",
    "Whether a text is an address, v4 or v6; the calls that AWS services make have a host name there.",
    "filter not isValidIp(sourceIPAddress) | stats count(*) by sourceIPAddress",
    |call| inside(call, &[V4, V6]),
);

pub(super) const ISVALIDIPV4: Function = function(
    "isValidIpV4",
    1,
    "isValidIpV4(text)",
    "Whether a text is a v4 address.",
    "filter isValidIpV4(sourceIPAddress)",
    |call| inside(call, &[V4]),
);

pub(super) const ISVALIDIPV6: Function = function(
    "isValidIpV6",
    1,
    "isValidIpV6(text)",
    "Whether a text is a v6 address.",
    "filter isValidIpV6(sourceIPAddress)",
    |call| inside(call, &[V6]),
);
