//! Encodings of text: Base64, hexadecimal, percent signs; and the check digit of card numbers.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use datafusion::common::Result;

use super::{Args, map_text};

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64.
pub(crate) fn base64_encode(args: &Args<'_>) -> Result<ArrayRef> {
    Ok(map_text(&args.text(0)?, |text| Some(encode(text.as_bytes()))))
}

fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place)) as usize & 63];
            out.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// The text of a Base64 text, in either alphabet; what is no UTF-8 afterwards is replaced.
pub(crate) fn base64_decode(args: &Args<'_>) -> Result<ArrayRef> {
    Ok(map_text(&args.text(0)?, |text| decode(text).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())))
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.trim().trim_end_matches('=');
    let (mut bits, mut count) = (0_u32, 0);
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    for byte in text.bytes().filter(|b| !b.is_ascii_whitespace()) {
        let byte = match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        };
        let value = LETTERS.iter().position(|letter| *letter == byte)?;
        bits = (bits << 6) | u32::try_from(value).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Some(out)
}

/// The text whose bytes stand in hexadecimal.
pub(crate) fn hex_decode(args: &Args<'_>) -> Result<ArrayRef> {
    Ok(map_text(&args.text(0)?, |text| {
        let digits = text.trim().trim_start_matches("0x").as_bytes();
        let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Option<Vec<u8>> = (digits.len() % 2 == 0).then(|| digits.chunks(2).map(pair).collect())?;
        bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }))
}

/// Percent-encoding of all but letters, digits and `-._~`.
pub(crate) fn url_encode(args: &Args<'_>) -> Result<ArrayRef> {
    Ok(map_text(&args.text(0)?, |text| {
        let mut out = String::with_capacity(text.len());
        for byte in text.bytes() {
            match byte {
                b if b.is_ascii_alphanumeric() || b"-._~".contains(&b) => out.push(char::from(b)),
                b => out.push_str(&format!("%{b:02X}")),
            }
        }
        Some(out)
    }))
}

/// Whether digits end in a right check digit.
pub(crate) fn luhn(args: &Args<'_>) -> Result<ArrayRef> {
    Ok(Arc::new(args.text(0)?.iter().map(|row| row.map(checks)).collect::<BooleanArray>()))
}

fn checks(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let weighted = digits.iter().rev().enumerate().map(|(place, digit)| match (place % 2, digit * 2) {
        (0, _) => *digit,
        (_, doubled) if doubled > 9 => doubled - 9,
        (_, doubled) => doubled,
    });
    digits.len() > 1 && weighted.sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_goes_both_ways() {
        for (text, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("東", "5p2x")] {
            assert_eq!(encode(text.as_bytes()), coded);
            assert_eq!(decode(coded).as_deref(), Some(text.as_bytes()));
        }
        assert_eq!(decode("a b!"), None);
    }

    #[test]
    fn check_digits() {
        for (text, want) in [("4111 1111 1111 1111", true), ("4111111111111112", false), ("", false), ("0", false)] {
            assert_eq!(checks(text), want, "{text}");
        }
    }
}
