//! Writing XML, straight into one buffer: a page of a thousand images is a megabyte and a half.

use std::fmt::{self, Display, Write};

use bytes::Bytes;

/// A document under construction.
#[derive(Debug)]
pub(crate) struct Xml {
    text: String,
}

impl Xml {
    /// An empty document with the XML declaration.
    pub(crate) fn document() -> Self {
        Self {
            text: String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"),
        }
    }

    /// An element with children.
    pub(crate) fn element(&mut self, name: &str, children: impl FnOnce(&mut Self)) {
        self.open(name);
        children(self);
        self.close(name);
    }

    /// An element with attributes, given as they are to be written, and children.
    pub(crate) fn element_with(&mut self, name: &str, attributes: &str, children: impl FnOnce(&mut Self)) {
        self.text.push('<');
        self.text.push_str(name);
        self.text.push(' ');
        self.text.push_str(attributes);
        self.text.push('>');
        children(self);
        self.close(name);
    }

    /// An element with a value, escaped.
    pub(crate) fn text(&mut self, name: &str, value: impl Display) {
        self.open(name);
        self.value(value);
        self.close(name);
    }

    /// The value of the element that is open, escaped.
    pub(crate) fn value(&mut self, value: impl Display) {
        // Writing to a String cannot fail.
        let _ = write!(Escaping(&mut self.text), "{value}");
    }

    /// An element with a value where there is one; AWS leaves out what it does not have.
    pub(crate) fn optional(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// EC2's form of a list: the name, and an `item` for each.
    pub(crate) fn items<T>(&mut self, name: &str, items: impl IntoIterator<Item = T>, each: impl FnMut(&mut Self, T)) {
        self.list(name, "item", items, each);
    }

    /// The Query protocol's form of a list: the name, and a `member` for each.
    pub(crate) fn members<T>(
        &mut self,
        name: &str,
        members: impl IntoIterator<Item = T>,
        each: impl FnMut(&mut Self, T),
    ) {
        self.list(name, "member", members, each);
    }

    fn list<T>(
        &mut self,
        name: &str,
        each_name: &str,
        items: impl IntoIterator<Item = T>,
        mut each: impl FnMut(&mut Self, T),
    ) {
        self.open(name);
        for item in items {
            self.open(each_name);
            each(self, item);
            self.close(each_name);
        }
        self.close(name);
    }

    pub(crate) fn into_bytes(self) -> Bytes {
        Bytes::from(self.text)
    }

    fn open(&mut self, name: &str) {
        self.text.push('<');
        self.text.push_str(name);
        self.text.push('>');
    }

    fn close(&mut self, name: &str) {
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push('>');
    }
}

struct Escaping<'a>(&'a mut String);

impl Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if !text
            .bytes()
            .any(|b| matches!(b, b'&' | b'<' | b'>' | b'"' | b'\r') || (b < 0x20 && b != b'\t' && b != b'\n'))
        {
            self.0.push_str(text);
            return Ok(());
        }
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\r' => self.0.push_str("&#xD;"),
                // XML 1.0 cannot carry the other control characters in any form.
                c if c < '\u{20}' && c != '\t' && c != '\n' => self.0.push('\u{fffd}'),
                c => self.0.push(c),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(value: &str) -> String {
        let mut xml = Xml { text: String::new() };
        xml.text("a", value);
        xml.text
    }

    #[test]
    fn what_xml_cannot_carry_is_escaped_or_replaced() {
        assert_eq!(text_of("a<b&c>\"d\""), "<a>a&lt;b&amp;c&gt;&quot;d&quot;</a>");
        assert_eq!(text_of("\u{1}\r\n"), "<a>\u{fffd}&#xD;\n</a>");
    }
}
