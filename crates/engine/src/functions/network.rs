//! Addresses and blocks.

use std::net::IpAddr;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray};
use datafusion::common::Result;

use super::{Args, any_text, texts};

/// A CIDR block; a bare address is a block of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    network: u128,
    prefix: u32,
    v4: bool,
}

impl Block {
    /// Reads `10.0.0.0/8`, `2001:db8::/32`, `10.1.2.3`; none where it is neither.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
        let address: IpAddr = address.trim().parse().ok()?;
        let (bits, width, v4) = bits(address);
        let prefix = prefix.map_or(Some(width), |p| p.trim().parse().ok()).filter(|p| *p <= width)?;
        Some(Self { network: mask(bits, prefix, width), prefix, v4 })
    }

    /// Whether an address lies inside.
    pub(crate) fn contains(&self, address: &str) -> bool {
        let Ok(address) = address.trim().parse::<IpAddr>() else { return false };
        let (value, width, v4) = bits(address);
        v4 == self.v4 && mask(value, self.prefix, width) == self.network
    }
}

fn bits(address: IpAddr) -> (u128, u32, bool) {
    match address {
        IpAddr::V4(a) => (u128::from(u32::from(a)), 32, true),
        IpAddr::V6(a) => (u128::from(a), 128, false),
    }
}

fn mask(bits: u128, prefix: u32, width: u32) -> u128 {
    match width - prefix {
        0 => bits,
        128 => 0,
        host => bits >> host << host,
    }
}

/// `(address, block)`.
pub(crate) fn cidr_match(args: &Args<'_>) -> Result<ArrayRef> {
    if let Some(block) = args.constant(1) {
        let block = Block::parse(&block);
        return Ok(Arc::new(any_text(&args.array(0)?, |a| block.is_some_and(|b| b.contains(a)))?));
    }
    let (addresses, blocks) = (args.text(0)?, args.text(1)?);
    let rows = (0..args.rows()).map(|row| {
        (!addresses.is_null(row) && !blocks.is_null(row))
            .then(|| Block::parse(blocks.value(row)).is_some_and(|b| b.contains(addresses.value(row))))
    });
    Ok(Arc::new(rows.collect::<BooleanArray>()))
}

/// `(port)`: its registered service.
pub(crate) fn port_name(args: &Args<'_>) -> Result<ArrayRef> {
    named(args, event::convert::port_name)
}

/// `(number)`: the protocol's keyword.
pub(crate) fn protocol_name(args: &Args<'_>) -> Result<ArrayRef> {
    named(args, event::convert::protocol_name)
}

fn named(args: &Args<'_>, name: fn(i64) -> Option<&'static str>) -> Result<ArrayRef> {
    let numbers = args.text(0)?;
    let number = |row: usize| (!numbers.is_null(row)).then(|| numbers.value(row).trim().parse().ok()).flatten();
    Ok(texts((0..args.rows()).map(|row| number(row).and_then(name))))
}

#[cfg(test)]
mod tests {
    use super::Block;

    #[test]
    fn blocks_hold_their_addresses() {
        for (block, address, want) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("0.0.0.0/0", "8.8.8.8", true),
            ("192.0.2.7", "192.0.2.7", true),
            ("2001:db8::/32", "2001:db8:1::5", true),
            ("2001:db8::/32", "10.0.0.1", false),
            ("::/0", "2001:db8:1::5", true),
            ("10.0.0.0/8", "ec2.amazonaws.com", false),
        ] {
            assert_eq!(Block::parse(block).is_some_and(|b| b.contains(address)), want, "{address} in {block}");
        }
        assert!(Block::parse("10.0.0.0/40").is_none());
    }
}
