//! Encodings and digests.

use super::{Function, first, texts};
use crate::{
    pipeline::{Expr, Func, Type},
    span::Span,
    spl::build,
    sumo::{names, value},
};

/// The number that hexadecimal digits mean.
fn hexadecimal(args: Vec<Expr>, span: Span) -> Expr {
    let text = names::text(first(args));
    let digits = vec![text, build::text("^\\s*0[xX]", span), build::text("", span)];
    let digits = build::call(Func::RegexReplace, digits, Type::Text, span);
    build::call(Func::ParseInt, vec![digits, build::int(16, span)], Type::Int, span)
}

pub(super) const BASE64_DECODE: Function = Function {
    name: "base64Decode",
    aliases: &[],
    syntax: "base64Decode(<text>)",
    help: "The text that a Base64 text stands for.",
    args: (1, 1),
    lower: |_, args, span| Ok(texts(Func::Base64Decode, args, Type::Text, span)),
};

pub(super) const BASE64_ENCODE: Function = Function {
    name: "base64Encode",
    aliases: &[],
    syntax: "base64Encode(<text>)",
    help: "The text in Base64.",
    args: (1, 1),
    lower: |_, args, span| Ok(texts(Func::Base64Encode, args, Type::Text, span)),
};

pub(super) const DEC_TO_HEX: Function = Function {
    name: "decToHex",
    aliases: &[],
    syntax: "decToHex(<number>)",
    help: "A whole number in hexadecimal.",
    args: (1, 1),
    lower: |_, args, span| {
        let number = names::text(build::to_int(value::number(first(args))));
        Ok(build::call(Func::Printf, vec![build::text("%X", span), number], Type::Text, span))
    },
};

pub(super) const HASH: Function = Function {
    name: "hash",
    aliases: &[],
    syntax: "hash(<text>[, <method>])",
    help: "A digest of the text: `md5` (the default here), `sha1` or `sha2_256`.",
    args: (1, 2),
    lower: |lowerer, mut args, span| {
        let method = if args.len() > 1 { args.pop() } else { None };
        let name = method.as_ref().map(|method| build::literal_text(method).unwrap_or_default().to_ascii_lowercase());
        let func = match name.as_deref() {
            None | Some("md5") => Func::Md5,
            Some("sha1" | "sha_1") => Func::Sha1,
            Some("sha2_256" | "sha256" | "sha-256" | "sha_256") => Func::Sha256,
            Some(other) => {
                let message = format!("the digest `{other}` is not supported; there are md5, sha1, sha2_256");
                return lowerer.fail("sumo.unsupported", message, method.map_or(span, |method| method.span));
            }
        };
        Ok(texts(func, args, Type::Text, span))
    },
};

pub(super) const MD5: Function = Function {
    name: "md5",
    aliases: &[],
    syntax: "md5(<text>)",
    help: "The MD5 digest, in hexadecimal.",
    args: (1, 1),
    lower: |_, args, span| Ok(texts(Func::Md5, args, Type::Text, span)),
};

pub(super) const HEX_TO_ASCII: Function = Function {
    name: "hexToAscii",
    aliases: &[],
    syntax: "hexToAscii(<text>)",
    help: "The text whose bytes stand in hexadecimal.",
    args: (1, 1),
    lower: |_, args, span| Ok(texts(Func::HexDecode, args, Type::Text, span)),
};

pub(super) const HEX_TO_DEC: Function = Function {
    name: "hexToDec",
    aliases: &[],
    syntax: "hexToDec(<text>)",
    help: "The number that hexadecimal digits mean.",
    args: (1, 1),
    lower: |_, args, span| Ok(hexadecimal(args, span)),
};

pub(super) const PARSE_HEX: Function = Function {
    name: "parseHex",
    aliases: &[],
    syntax: "parseHex(<text>)",
    help: "The number that hexadecimal digits, `0x` before them or not, mean.",
    args: (1, 1),
    lower: |_, args, span| Ok(hexadecimal(args, span)),
};

pub(super) const LUHN: Function = Function {
    name: "luhn",
    aliases: &[],
    syntax: "luhn(<number>)",
    help: "True where the digits have a right check digit, as card numbers do.",
    args: (1, 1),
    lower: |_, args, span| Ok(texts(Func::Luhn, args, Type::Bool, span)),
};

pub(super) const URL_DECODE: Function = Function {
    name: "urldecode",
    aliases: &[],
    syntax: "urldecode(<text>)",
    help: "The text with its percent signs decoded.",
    args: (1, 1),
    lower: |_, args, span| Ok(texts(Func::UrlDecode, args, Type::Text, span)),
};

pub(super) const URL_ENCODE: Function = Function {
    name: "urlencode",
    aliases: &[],
    syntax: "urlencode(<text>)",
    help: "The text as a part of a URL.",
    args: (1, 1),
    lower: |_, args, span| Ok(texts(Func::UrlEncode, args, Type::Text, span)),
};

#[cfg(test)]
mod tests {
    use crate::sumo::testing::{errors, value};

    #[test]
    fn encodings() {
        for (expression, expected) in [
            ("hash(eventName)", "md5(event_name)"),
            ("hash(eventName, \"sha2_256\")", "sha256(event_name)"),
            ("urldecode(userAgent)", "url_decode(user_agent)"),
            ("base64Decode(eventName)", "base64_decode(event_name)"),
            ("decToHex(255)", "printf(\"%X\", \"255\")"),
            ("luhn(\"4111\")", "luhn(\"4111\")"),
        ] {
            assert_eq!(value(expression), expected, "{expression}");
        }
        assert_eq!(errors("* | hash(eventName, \"murmur3_128\") as x"), ["sumo.unsupported"]);
    }
}
