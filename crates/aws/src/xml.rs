//! The little of XML that AWS's answers need: the texts of named elements, wherever they are.

use quick_xml::Reader;
use quick_xml::events::Event;

/// The text of the first element with that name.
pub(crate) fn text(body: &[u8], name: &str) -> Option<String> {
    let mut found = None;
    walk(body, |path, text| {
        if found.is_none() && path.last().is_some_and(|last| last == name) {
            found = Some(text.to_owned());
        }
    })?;
    found
}

/// Calls `visit` with the path and the text of every element that ends; `None` where it is no XML.
pub(crate) fn walk(body: &[u8], mut visit: impl FnMut(&[String], &str)) -> Option<()> {
    let mut reader = Reader::from_reader(body);
    let (mut path, mut text): (Vec<String>, String) = (Vec::new(), String::new());
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                path.push(String::from_utf8_lossy(start.local_name().as_ref()).into_owned());
                text.clear();
            }
            Event::Empty(empty) => {
                path.push(String::from_utf8_lossy(empty.local_name().as_ref()).into_owned());
                visit(&path, "");
                path.pop();
            }
            Event::Text(piece) => text.push_str(&piece.decode().ok()?),
            Event::CData(piece) => text.push_str(&piece.decode().ok()?),
            Event::GeneralRef(reference) => text.push_str(&entity(&reference)?),
            Event::End(_) => {
                visit(&path, &text);
                path.pop();
                text.clear();
            }
            Event::Eof => return Some(()),
            _ => {}
        }
    }
}

fn entity(reference: &quick_xml::events::BytesRef<'_>) -> Option<String> {
    if let Some(letter) = reference.resolve_char_ref().ok()? {
        return Some(letter.to_string());
    }
    let name = reference.decode().ok()?;
    quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_elements() {
        let body =
            br#"<?xml version="1.0"?><a xmlns="x"><b>1 &lt; 2 &#x41;</b><b>two</b><c/><d><![CDATA[<raw>]]></d></a>"#;
        assert_eq!(text(body, "b").as_deref(), Some("1 < 2 A"));
        assert_eq!(text(body, "c").as_deref(), Some(""));
        assert_eq!(text(body, "d").as_deref(), Some("<raw>"));
        assert_eq!(text(body, "e"), None);
        assert_eq!(text(b"{}", "e"), None);
        assert_eq!(text(b"<a><b>", "b"), None);
        assert_eq!(text(b"<a>&nope;</a>", "a"), None);
    }
}
