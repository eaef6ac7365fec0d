//! Addresses, blocks and URLs.

use std::net::IpAddr;

use arrow::array::{Array, ArrayRef};
use datafusion::common::Result;
use url::Url;

use super::{Call, Spec, at, bool_type, int_type, ints, spec, strings, text_type};
use crate::functions::{network, text};

/// The functions of this file.
pub(super) const ALL: &[Spec] = &[
    spec("cidr_match", 2, 2, bool_type, |c| network::cidr_match(c)),
    spec("port_name", 1, 1, text_type, |c| network::port_name(c)),
    spec("protocol_name", 1, 1, text_type, |c| network::protocol_name(c)),
    spec("ip_prefix", 2, 2, text_type, ip_prefix),
    spec("url_decode", 1, 1, text_type, |c| text::url_decode(c)),
    spec("url_encode", 1, 1, text_type, url_encode),
    spec("url_extract_host", 1, 1, text_type, |c| part(c, |u| u.host_str().map(str::to_owned))),
    spec("url_extract_path", 1, 1, text_type, |c| part(c, |u| Some(u.path().to_owned()))),
    spec("url_extract_protocol", 1, 1, text_type, |c| part(c, |u| Some(u.scheme().to_owned()))),
    spec("url_extract_query", 1, 1, text_type, |c| part(c, |u| Some(u.query().unwrap_or_default().to_owned()))),
    spec("url_extract_fragment", 1, 1, text_type, |c| part(c, |u| Some(u.fragment().unwrap_or_default().to_owned()))),
    spec("url_extract_port", 1, 1, int_type, port),
    spec("url_extract_parameter", 2, 2, text_type, parameter),
];

/// The block of a length that an address is in.
fn ip_prefix(call: &Call<'_>) -> Result<ArrayRef> {
    let (address, bits) = (call.text(0)?, call.ints(1)?);
    strings((0..call.rows()).map(|row| {
        let (Some(address), false) = (at(&address, row), bits.is_null(row)) else { return Ok(None) };
        let bits = u32::try_from(bits.value(row)).unwrap_or(0);
        Ok(match address.parse::<IpAddr>() {
            Ok(IpAddr::V4(a)) => {
                let kept = u32::from(a) & u32::MAX.checked_shl(32 - bits.min(32)).unwrap_or(0);
                Some(format!("{}/{bits}", std::net::Ipv4Addr::from(kept)))
            }
            Ok(IpAddr::V6(a)) => {
                let kept = u128::from(a) & u128::MAX.checked_shl(128 - bits.min(128)).unwrap_or(0);
                Some(format!("{}/{bits}", std::net::Ipv6Addr::from(kept)))
            }
            Err(_) => None,
        })
    }))
}

fn url_encode(call: &Call<'_>) -> Result<ArrayRef> {
    let text = call.text(0)?;
    strings(
        (0..call.rows()).map(|row| {
            Ok(at(&text, row).map(|t| url::form_urlencoded::byte_serialize(t.as_bytes()).collect::<String>()))
        }),
    )
}

fn part(call: &Call<'_>, read: fn(&Url) -> Option<String>) -> Result<ArrayRef> {
    let text = call.text(0)?;
    strings((0..call.rows()).map(|row| Ok(at(&text, row).and_then(|t| Url::parse(t).ok()).and_then(|u| read(&u)))))
}

fn port(call: &Call<'_>) -> Result<ArrayRef> {
    let text = call.text(0)?;
    ints(
        (0..call.rows())
            .map(|row| Ok(at(&text, row).and_then(|t| Url::parse(t).ok()).and_then(|u| u.port()).map(i64::from))),
    )
}

fn parameter(call: &Call<'_>) -> Result<ArrayRef> {
    let (text, name) = (call.text(0)?, call.text(1)?);
    strings((0..call.rows()).map(|row| {
        let Some((text, name)) = at(&text, row).zip(at(&name, row)) else { return Ok(None) };
        let Ok(url) = Url::parse(text) else { return Ok(None) };
        Ok(url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()))
    }))
}
