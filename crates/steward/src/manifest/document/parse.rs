use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::iter::Peekable;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span as Scanned, StrInput};

use super::{Content, Key, Node, Plain, Problem, Span};

/// The largest file that is read: with its record it still fits into an item of the table.
pub(in crate::manifest) const MOST_BYTES: usize = 256 * 1024;
/// Deeper than any manifest, and far from what would exhaust a stack.
const MOST_LEVELS: usize = 32;

/// The one document of a file. What is wrong with it as YAML is added to the problems; there may be a tree all the same, to
/// look for more.
pub(in crate::manifest) fn parse(bytes: &[u8], problems: &mut Vec<Problem>) -> Option<Node> {
    if bytes.len() > MOST_BYTES {
        let what = format!("this file has more than {MOST_BYTES} bytes, which is the most that is read");
        problems.push(Problem::of_yaml(
            None,
            &what,
            "split it: one manifest describes one family",
        ));
        return None;
    }
    let text = match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let line = bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').count();
            let what = format!("line {line} is not UTF-8");
            problems.push(Problem::of_yaml(None, &what, "save the file in the encoding UTF-8"));
            return None;
        }
    };
    let mut tree = Tree {
        lines: text.lines().map(|line| line.chars().count()).collect(),
        events: Events {
            parser: Parser::new_from_str(text),
        }
        .peekable(),
        problems,
    };
    tree.document().ok()
}

/// It cannot be read any further; why is among the problems.
struct Stop;

struct Events<'a> {
    parser: Parser<'a, StrInput<'a>>,
}

impl<'a> Iterator for Events<'a> {
    type Item = Result<(Event<'a>, Scanned), ScanError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.parser.next_event()
    }
}

struct Tree<'a, 'p> {
    events: Peekable<Events<'a>>,
    /// The characters of each line.
    lines: Vec<usize>,
    problems: &'p mut Vec<Problem>,
}

impl<'a> Tree<'a, '_> {
    fn document(&mut self) -> Result<Node, Stop> {
        loop {
            match self.next()? {
                (Event::StreamStart | Event::Nothing, _) => {}
                (Event::DocumentStart(_), _) => break,
                _ => {
                    return Err(self.say(
                        None,
                        "this file is empty",
                        "`steward init NAME` writes a manifest to start from",
                    ));
                }
            }
        }
        let node = self.node(0)?;
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(node),
                (Event::DocumentStart(_), at) => {
                    let at = self.span(at);
                    return Err(self.say(
                        Some(at),
                        "a second document starts here",
                        "write each manifest into a file of its own",
                    ));
                }
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Scanned), Stop> {
        match self.events.next() {
            Some(Ok((event, at))) => Ok((event, at)),
            Some(Err(error)) => {
                let marker = error.marker();
                let (line, column) = (marker.line().max(1), marker.col() + 1);
                let at = Span { line, column, width: 1 };
                // The parser looks ahead, and has a limit of its own.
                if error.info().contains("recursion limit") {
                    return Err(self.too_deep(at));
                }
                Err(self.say(
                    Some(at),
                    &format!("this is not YAML: {}", error.info()),
                    "look for a missing quote, colon, bracket or indentation here or just above",
                ))
            }
            None => Ok((Event::StreamEnd, Scanned::default())),
        }
    }

    fn node(&mut self, level: usize) -> Result<Node, Stop> {
        let (event, scanned) = self.next()?;
        let at = self.span(scanned);
        if level > MOST_LEVELS {
            return Err(self.too_deep(at));
        }
        let content = match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_anchor(anchor, at)?;
                self.refuse_tag(tag.is_some(), at)?;
                match style {
                    ScalarStyle::Plain => Content::Plain(text.into_owned()),
                    _ => Content::Quoted(text.into_owned()),
                }
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_anchor(anchor, at)?;
                self.refuse_tag(tag.is_some(), at)?;
                let mut items = Vec::new();
                while !self.ends(&Event::SequenceEnd)? {
                    items.push(self.node(level + 1)?);
                }
                Content::List(items)
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_anchor(anchor, at)?;
                self.refuse_tag(tag.is_some(), at)?;
                Content::Map(self.mapping(level)?)
            }
            Event::Alias(_) => return Err(self.no_aliases(at)),
            _ => return Err(self.say(Some(at), "this is not YAML", "look for a bracket that is not closed")),
        };
        Ok(Node { at, content })
    }

    fn mapping(&mut self, level: usize) -> Result<Vec<(Key, Node)>, Stop> {
        let mut lines: HashMap<String, usize> = HashMap::new();
        let mut entries: Vec<(Key, Node)> = Vec::new();
        while !self.ends(&Event::MappingEnd)? {
            let key = self.node(level + 1)?;
            let name = match key.content {
                Content::Plain(ref text) if Plain::of(text) == Plain::Text => text.clone(),
                Content::Quoted(text) => text,
                Content::Plain(text) => {
                    let right = format!("put it in quotes: {text:?}");
                    self.tell(
                        Some(key.at),
                        &format!("this key is {text}, which YAML does not take for a text"),
                        &right,
                    );
                    text
                }
                Content::List(_) | Content::Map(_) => {
                    return Err(self.say(
                        Some(key.at),
                        "this key is a list or a mapping",
                        "a key is a name followed by a colon",
                    ));
                }
            };
            let value = self.node(level + 1)?;
            match lines.entry(name.clone()) {
                Entry::Occupied(first) => {
                    let what = format!("`{name}` is here a second time, after line {}", first.get());
                    self.tell(Some(key.at), &what, "keep one of the two");
                }
                Entry::Vacant(free) => {
                    free.insert(key.at.line);
                    entries.push((Key { at: key.at, name }, value));
                }
            }
        }
        Ok(entries)
    }

    /// Takes the end, if it is next.
    fn ends(&mut self, end: &Event<'_>) -> Result<bool, Stop> {
        if matches!(self.events.peek(), Some(Ok((event, _))) if event == end) {
            self.next()?;
            return Ok(true);
        }
        Ok(false)
    }

    fn refuse_anchor(&mut self, anchor: usize, at: Span) -> Result<(), Stop> {
        if anchor == 0 { Ok(()) } else { Err(self.no_aliases(at)) }
    }

    fn too_deep(&mut self, at: Span) -> Stop {
        self.say(
            Some(at),
            &format!("this is nested deeper than {MOST_LEVELS} levels"),
            "no part of a manifest is: look for a bracket or an indentation too many",
        )
    }

    fn no_aliases(&mut self, at: Span) -> Stop {
        self.say(
            Some(at),
            "anchors (&) and aliases (*) are not read here",
            "write the value out in each place: a policy is read more often than written; a text that starts with & or * needs quotes",
        )
    }

    fn refuse_tag(&mut self, tagged: bool, at: Span) -> Result<(), Stop> {
        if tagged {
            return Err(self.say(
                Some(at),
                "tags of YAML (!) are not read here",
                "leave it out; a text that starts with ! needs quotes",
            ));
        }
        Ok(())
    }

    fn tell(&mut self, at: Option<Span>, what: &str, right: &str) {
        self.problems.push(Problem::of_yaml(at, what, right));
    }

    fn say(&mut self, at: Option<Span>, what: &str, right: &str) -> Stop {
        self.tell(at, what, right);
        Stop
    }

    fn span(&self, scanned: Scanned) -> Span {
        let (line, column) = (scanned.start.line().max(1), scanned.start.col() + 1);
        let rest = |line: usize| {
            self.lines
                .get(line - 1)
                .map_or(0, |length| (length + 1).saturating_sub(column))
        };
        let width = if scanned.end.line() == scanned.start.line() {
            scanned.end.col().saturating_sub(scanned.start.col())
        } else {
            rest(line)
        };
        Span {
            line,
            column,
            width: width.clamp(1, rest(line).max(1)),
        }
    }
}
