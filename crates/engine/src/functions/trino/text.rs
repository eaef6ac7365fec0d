//! Text: functions that DataFusion lacks, or has with another meaning of null, of absence, or of positions.

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::DataType;
use datafusion::common::Result;
use serde_json::Value;

use super::values::{bytes_at, bytes_column};
use super::{
    Call, Known, Spec, arrays, at, bools, bytes_type, first_type, int_type, ints, spec, strings, text_type, texts_type,
};
use crate::functions::lists;

/// The functions of this file.
pub(super) const ALL: &[Spec] = &[
    spec("substr", 2, 3, text_type, substr),
    spec("substring", 2, 3, text_type, substr),
    spec("concat", 1, usize::MAX, concat_type, concat),
    spec("replace", 2, 3, text_type, replace),
    spec("split", 2, 3, texts_type, split),
    spec("split_part", 3, 3, text_type, split_part),
    spec("split_to_map", 3, 3, super::maps::text_map_type, split_to_map),
    spec("strpos", 2, 3, int_type, strpos),
    spec("reverse", 1, 1, first_type, reverse),
    spec("starts_with", 2, 2, super::bool_type, starts_with),
    spec("levenshtein_distance", 2, 2, int_type, levenshtein),
    spec("hamming_distance", 2, 2, int_type, hamming),
    spec("soundex", 1, 1, text_type, soundex),
    spec("codepoint", 1, 1, int_type, codepoint),
    spec("normalize", 1, 2, text_type, |c| c.array(0)),
    spec("format", 1, usize::MAX, text_type, |c| crate::functions::text::printf(c)),
    spec("to_utf8", 1, 1, bytes_type, to_utf8),
    spec("from_utf8", 1, 2, text_type, from_utf8),
    spec("to_hex", 1, 1, text_type, to_hex),
    spec("from_hex", 1, 1, bytes_type, from_hex),
    spec("to_base64", 1, 1, text_type, to_base64),
    spec("from_base64", 1, 1, bytes_type, from_base64),
    spec("from_base64url", 1, 1, bytes_type, from_base64),
    spec("sha1", 1, 1, bytes_type, sha1),
];

/// `substr(text, start[, length])`: from 1, from the end where negative, empty where out of range.
fn substr(call: &Call<'_>) -> Result<ArrayRef> {
    let (text, start) = (call.text(0)?, call.ints(1)?);
    let length = if call.len() > 2 { Some(call.ints(2)?) } else { None };
    strings((0..call.rows()).map(|row| {
        let (Some(text), false) = (at(&text, row), start.is_null(row)) else { return Ok(None) };
        if length.as_ref().is_some_and(|l| l.is_null(row)) {
            return Ok(None);
        }
        let count = text.chars().count() as i64;
        let start = match start.value(row) {
            s if s > 0 => s - 1,
            s if s < 0 && count + s >= 0 => count + s,
            _ => return Ok(Some(String::new())),
        };
        let take = length.as_ref().map_or(i64::MAX, |l| l.value(row)).max(0);
        Ok(Some(text.chars().skip(start as usize).take(usize::try_from(take).unwrap_or(usize::MAX)).collect()))
    }))
}

/// `soundex(text)`: a letter and three digits for how a word sounds in English.
fn soundex(call: &Call<'_>) -> Result<ArrayRef> {
    let text = call.text(0)?;
    strings((0..call.rows()).map(|row| {
        let Some(text) = at(&text, row) else { return Ok(None) };
        match sounds(text) {
            Some(code) => Ok(Some(code)),
            None => call.fail(|| format!("soundex takes words of ASCII letters, not '{text}'")),
        }
    }))
}

fn sounds(text: &str) -> Option<String> {
    let group = |letter: char| match letter.to_ascii_uppercase() {
        'B' | 'F' | 'P' | 'V' => Some('1'),
        'C' | 'G' | 'J' | 'K' | 'Q' | 'S' | 'X' | 'Z' => Some('2'),
        'D' | 'T' => Some('3'),
        'L' => Some('4'),
        'M' | 'N' => Some('5'),
        'R' => Some('6'),
        _ => None,
    };
    if !text.chars().all(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    let Some(first) = text.chars().next() else { return Some(String::new()) };
    let mut code = String::from(first.to_ascii_uppercase());
    let mut last = group(first);
    for letter in text.chars().skip(1) {
        let sound = group(letter);
        if let Some(digit) = sound.filter(|_| sound != last) {
            code.push(digit);
        }
        // H and W part nothing; a vowel does.
        if !matches!(letter.to_ascii_uppercase(), 'H' | 'W') {
            last = sound;
        }
    }
    code.truncate(4);
    Some(format!("{code:0<4}"))
}

fn concat_type(known: &Known<'_>) -> Result<DataType> {
    if known.types.iter().any(|t| matches!(t, DataType::List(_))) {
        return arrays::concat_type(known);
    }
    Ok(DataType::Utf8View)
}

fn concat(call: &Call<'_>) -> Result<ArrayRef> {
    if matches!(call.result, DataType::List(_)) {
        return arrays::concat(call);
    }
    let parts =
        (0..call.len()).map(|i| crate::functions::convert::to_text(&call.array(i)?)).collect::<Result<Vec<_>>>()?;
    let parts: Vec<_> = parts.iter().map(arrow::array::AsArray::as_string_view).collect();
    strings(
        (0..call.rows())
            .map(|row| Ok(parts.iter().map(|p| at(p, row)).collect::<Option<Vec<_>>>().map(|p| p.concat()))),
    )
}

fn replace(call: &Call<'_>) -> Result<ArrayRef> {
    let (text, find) = (call.text(0)?, call.text(1)?);
    let with = if call.len() > 2 { Some(call.text(2)?) } else { None };
    strings((0..call.rows()).map(|row| {
        let with = with.as_ref().map_or(Some(""), |w| at(w, row));
        let found = at(&text, row).zip(at(&find, row)).zip(with);
        Ok(found.map(|((text, find), with)| text.replace(find, with)))
    }))
}

fn split(call: &Call<'_>) -> Result<ArrayRef> {
    let (text, by) = (call.text(0)?, call.text(1)?);
    let most = if call.len() > 2 { Some(call.ints(2)?) } else { None };
    let rows = (0..call.rows()).map(|row| {
        let (text, by) = (at(&text, row)?, at(&by, row)?);
        let most = most.as_ref().map_or(usize::MAX, |m| usize::try_from(m.value(row)).unwrap_or(1));
        Some(text.splitn(most, by).map(str::to_owned).collect::<Vec<_>>())
    });
    Ok(std::sync::Arc::new(lists::build(rows)))
}

/// The n-th part; null where there is none.
fn split_part(call: &Call<'_>) -> Result<ArrayRef> {
    let (text, by, nth) = (call.text(0)?, call.text(1)?, call.ints(2)?);
    strings((0..call.rows()).map(|row| {
        let (Some(text), Some(by), false) = (at(&text, row), at(&by, row), nth.is_null(row)) else { return Ok(None) };
        let nth = nth.value(row);
        if nth < 1 {
            return call.fail(|| "split_part counts from 1".to_owned());
        }
        Ok(text.split(by).nth(usize::try_from(nth - 1).unwrap_or(usize::MAX)))
    }))
}

fn split_to_map(call: &Call<'_>) -> Result<ArrayRef> {
    let (text, between, within) = (call.text(0)?, call.text(1)?, call.text(2)?);
    let rows: Vec<_> = (0..call.rows())
        .map(|row| {
            let (text, between, within) = (at(&text, row)?, at(&between, row)?, at(&within, row)?);
            let pairs = text.split(between).filter_map(|p| p.split_once(within));
            Some(Value::Object(pairs.map(|(k, v)| (k.to_owned(), Value::String(v.to_owned()))).collect()))
        })
        .collect();
    super::maps::text_map(&rows)
}

/// Position from 1, of the n-th occurrence where asked, from the end where negative; 0 where there is none.
fn strpos(call: &Call<'_>) -> Result<ArrayRef> {
    let (text, find) = (call.text(0)?, call.text(1)?);
    let nth = if call.len() > 2 { Some(call.ints(2)?) } else { None };
    ints((0..call.rows()).map(|row| {
        let (Some(text), Some(find)) = (at(&text, row), at(&find, row)) else { return Ok(None) };
        let nth = nth.as_ref().map_or(1, |n| n.value(row));
        let index = usize::try_from(nth.abs() - 1).unwrap_or(0);
        let found = if nth < 0 {
            text.rmatch_indices(find).nth(index).map(|(i, _)| i)
        } else {
            text.match_indices(find).nth(index).map(|(i, _)| i)
        };
        Ok(Some(found.map_or(0, |i| text[..i].chars().count() as i64 + 1)))
    }))
}

fn reverse(call: &Call<'_>) -> Result<ArrayRef> {
    if matches!(call.result, DataType::List(_)) {
        return arrays::reverse(call);
    }
    let text = call.text(0)?;
    strings((0..call.rows()).map(|row| Ok(at(&text, row).map(|t| t.chars().rev().collect::<String>()))))
}

fn starts_with(call: &Call<'_>) -> Result<ArrayRef> {
    let (text, find) = (call.text(0)?, call.text(1)?);
    bools((0..call.rows()).map(|row| Ok(at(&text, row).zip(at(&find, row)).map(|(t, f)| t.starts_with(f)))))
}

fn levenshtein(call: &Call<'_>) -> Result<ArrayRef> {
    let (a, b) = (call.text(0)?, call.text(1)?);
    ints((0..call.rows()).map(|row| Ok(at(&a, row).zip(at(&b, row)).map(|(a, b)| strsim::levenshtein(a, b) as i64))))
}

fn hamming(call: &Call<'_>) -> Result<ArrayRef> {
    let (a, b) = (call.text(0)?, call.text(1)?);
    ints((0..call.rows()).map(|row| {
        let Some((a, b)) = at(&a, row).zip(at(&b, row)) else { return Ok(None) };
        match strsim::hamming(a, b) {
            Ok(distance) => Ok(Some(distance as i64)),
            Err(_) => call.fail(|| "hamming_distance needs texts of one length".to_owned()),
        }
    }))
}

fn codepoint(call: &Call<'_>) -> Result<ArrayRef> {
    let text = call.text(0)?;
    ints((0..call.rows()).map(|row| Ok(at(&text, row).and_then(|t| t.chars().next()).map(|c| i64::from(u32::from(c))))))
}

fn bytes_rows(call: &Call<'_>, f: impl Fn(Vec<u8>) -> Option<Vec<u8>>) -> Result<ArrayRef> {
    let array = call.array(0)?;
    Ok(bytes_column((0..call.rows()).map(|row| bytes_at(&array, row).and_then(&f))))
}

fn text_rows(call: &Call<'_>, f: impl Fn(Vec<u8>) -> String) -> Result<ArrayRef> {
    let array = call.array(0)?;
    strings((0..call.rows()).map(|row| Ok(bytes_at(&array, row).map(&f))))
}

fn to_utf8(call: &Call<'_>) -> Result<ArrayRef> {
    bytes_rows(call, Some)
}

fn from_utf8(call: &Call<'_>) -> Result<ArrayRef> {
    text_rows(call, |b| String::from_utf8_lossy(&b).into_owned())
}

fn to_hex(call: &Call<'_>) -> Result<ArrayRef> {
    if call.array(0)?.data_type().is_integer() {
        return strings(call.ints(0)?.iter().map(|v| Ok(v.map(|v| format!("{v:X}")))));
    }
    text_rows(call, |b| b.iter().map(|b| format!("{b:02X}")).collect())
}

fn from_hex(call: &Call<'_>) -> Result<ArrayRef> {
    bytes_rows(call, |b| {
        let digits: Option<Vec<u8>> = b.iter().map(|c| char::from(*c).to_digit(16).map(|d| d as u8)).collect();
        let digits = digits.filter(|d| d.len() % 2 == 0)?;
        Some(digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect())
    })
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn to_base64(call: &Call<'_>) -> Result<ArrayRef> {
    text_rows(call, |bytes| {
        let mut out = String::new();
        for chunk in bytes.chunks(3) {
            let word = chunk.iter().chain([0, 0].iter()).take(3).fold(0_u32, |w, b| w << 8 | u32::from(*b));
            for place in 0..4 {
                let letter = ALPHABET[(word >> (18 - 6 * place) & 63) as usize];
                out.push(if place > chunk.len() { '=' } else { char::from(letter) });
            }
        }
        out
    })
}

fn from_base64(call: &Call<'_>) -> Result<ArrayRef> {
    let array = call.array(0)?;
    let mut rows = Vec::with_capacity(call.rows());
    for row in 0..call.rows() {
        rows.push(match bytes_at(&array, row) {
            None => None,
            Some(text) => match unbase64(&text) {
                Some(bytes) => Some(bytes),
                None => call.fail(|| "can't read as base64".to_owned())?,
            },
        });
    }
    Ok(bytes_column(rows.into_iter()))
}

fn unbase64(text: &[u8]) -> Option<Vec<u8>> {
    let (mut out, mut word, mut bits) = (Vec::new(), 0_u32, 0);
    for c in text.iter().filter(|c| !c.is_ascii_whitespace() && **c != b'=') {
        let letter = match c {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        };
        word = (word << 6 | ALPHABET.iter().position(|a| *a == letter)? as u32) & 0xFFFF;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((word >> bits & 0xFF) as u8);
        }
    }
    Some(out)
}

fn sha1(call: &Call<'_>) -> Result<ArrayRef> {
    use sha1::Digest;
    bytes_rows(call, |b| Some(sha1::Sha1::digest(&b).to_vec()))
}

#[cfg(test)]
mod tests {
    use super::unbase64;

    #[test]
    fn base64_is_read_with_either_alphabet() {
        for (text, wanted) in
            [("aGVsbG8=", Some("hello")), ("aGVsbG8", Some("hello")), ("Pz8_", Some("???")), ("!", None)]
        {
            let found = unbase64(text.as_bytes()).map(|b| String::from_utf8(b).unwrap());
            assert_eq!(found.as_deref(), wanted, "{text}");
        }
    }
}
