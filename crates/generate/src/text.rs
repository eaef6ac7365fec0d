//! Appending text to a reused byte buffer: identifiers, times and numbers in the spellings that AWS uses.
//!
//! Nothing here allocates: a record of 1.3 KB is written with a few dozen of these calls.

use crate::rng::Rng;
use chrono::{DateTime, Datelike, Timelike, Utc};

const HEX: &[u8; 16] = b"0123456789abcdef";
const UPPER_HEX: &[u8; 16] = b"0123456789ABCDEF";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const UPPER: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const MIXED: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

pub(crate) fn put(buf: &mut Vec<u8>, text: &str) {
    buf.extend_from_slice(text.as_bytes());
}

/// A decimal number.
pub(crate) fn number(buf: &mut Vec<u8>, mut n: u64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    buf.extend_from_slice(&digits[at..]);
}

fn padded(buf: &mut Vec<u8>, n: u32, width: u32) {
    for place in (0..width).rev() {
        buf.push(b'0' + ((n / 10u32.pow(place)) % 10) as u8);
    }
}

fn draw<const N: usize>(buf: &mut Vec<u8>, rng: &mut Rng, n: usize, alphabet: &[u8; N]) {
    let mut bits = 0;
    for i in 0..n {
        if i % 8 == 0 {
            bits = rng.next();
        }
        buf.push(alphabet[(((bits & 0xff) as usize) * N) >> 8]);
        bits >>= 8;
    }
}

/// `n` hexadecimal digits, lower case.
pub(crate) fn hex(buf: &mut Vec<u8>, rng: &mut Rng, n: usize) {
    draw(buf, rng, n, HEX);
}

/// `n` characters of the base64 alphabet.
pub(crate) fn base64(buf: &mut Vec<u8>, rng: &mut Rng, n: usize) {
    draw(buf, rng, n, BASE64);
}

/// `n` capital letters and digits, as in S3's request ids.
pub(crate) fn upper(buf: &mut Vec<u8>, rng: &mut Rng, n: usize) {
    draw(buf, rng, n, UPPER);
}

/// `n` letters and digits, as at the end of an object's name.
pub(crate) fn mixed(buf: &mut Vec<u8>, rng: &mut Rng, n: usize) {
    draw(buf, rng, n, MIXED);
}

/// `n` characters of the base32 alphabet, as in access key and principal ids.
pub(crate) fn base32(buf: &mut Vec<u8>, rng: &mut Rng, n: usize) {
    draw(buf, rng, n, BASE32);
}

fn uuid_with(buf: &mut Vec<u8>, rng: &mut Rng, digits: &[u8; 16]) {
    let high = (rng.next() & !0xf000) | 0x4000;
    let low = (rng.next() & !(3 << 62)) | (2 << 62);
    let all = (u128::from(high) << 64) | u128::from(low);
    for i in 0..32 {
        if matches!(i, 8 | 12 | 16 | 20) {
            buf.push(b'-');
        }
        buf.push(digits[((all >> (124 - 4 * i)) & 15) as usize]);
    }
}

/// A version 4 UUID.
pub(crate) fn uuid(buf: &mut Vec<u8>, rng: &mut Rng) {
    uuid_with(buf, rng, HEX);
}

/// A version 4 UUID in capitals, as some services write their tokens.
pub(crate) fn upper_uuid(buf: &mut Vec<u8>, rng: &mut Rng) {
    uuid_with(buf, rng, UPPER_HEX);
}

/// The instant of a Unix time in seconds; the epoch for what no calendar holds.
pub(crate) fn instant(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

/// `2026-10-01T09:00:00Z`.
pub(crate) fn iso(buf: &mut Vec<u8>, seconds: i64) {
    let t = instant(seconds);
    padded(buf, t.year().unsigned_abs(), 4);
    for (mark, n) in [(b'-', t.month()), (b'-', t.day()), (b'T', t.hour()), (b':', t.minute()), (b':', t.second())] {
        buf.push(mark);
        padded(buf, n, 2);
    }
    buf.push(b'Z');
}

/// `Oct 1, 2026, 9:00:00 AM`, as AWS writes times in request parameters and response elements.
pub(crate) fn long(buf: &mut Vec<u8>, seconds: i64) {
    let t = instant(seconds);
    put(buf, MONTHS[t.month0() as usize]);
    buf.push(b' ');
    number(buf, u64::from(t.day()));
    put(buf, ", ");
    number(buf, u64::from(t.year().unsigned_abs()));
    put(buf, ", ");
    let (afternoon, hour) = t.hour12();
    number(buf, u64::from(hour));
    buf.push(b':');
    padded(buf, t.minute(), 2);
    buf.push(b':');
    padded(buf, t.second(), 2);
    put(buf, if afternoon { " PM" } else { " AM" });
}

/// `2026/10/01`, as in object keys and log streams.
pub(crate) fn day(buf: &mut Vec<u8>, seconds: i64) {
    let t = instant(seconds);
    padded(buf, t.year().unsigned_abs(), 4);
    buf.push(b'/');
    padded(buf, t.month(), 2);
    buf.push(b'/');
    padded(buf, t.day(), 2);
}

/// What `write` appends, as a string: for the things that are made once and kept.
pub(crate) fn built(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut buf = Vec::with_capacity(64);
    write(&mut buf);
    String::from_utf8(buf).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_spelt_as_aws_spells_them() {
        let check = |seconds, expect: [&str; 3]| {
            let said = [built(|b| iso(b, seconds)), built(|b| long(b, seconds)), built(|b| day(b, seconds))];
            assert_eq!(said, expect);
        };
        check(1_532_639_308, ["2018-07-26T21:08:28Z", "Jul 26, 2018, 9:08:28 PM", "2018/07/26"]);
        check(0, ["1970-01-01T00:00:00Z", "Jan 1, 1970, 12:00:00 AM", "1970/01/01"]);
        check(1_709_208_000, ["2024-02-29T12:00:00Z", "Feb 29, 2024, 12:00:00 PM", "2024/02/29"]);
    }

    #[test]
    fn a_uuid_says_version_4() {
        let said = built(|b| uuid(b, &mut Rng::new(3)));
        assert_eq!(said.len(), 36);
        assert_eq!(&said[14..15], "4");
        assert!("89ab".contains(&said[19..20]), "{said}");
    }

    #[test]
    fn numbers() {
        for n in [0, 7, 10, 99, 1_000, u64::MAX] {
            assert_eq!(built(|b| number(b, n)), n.to_string());
        }
    }
}
