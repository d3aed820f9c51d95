//! The explanation of a run: what happened at each operation.

use nanoserde::{DeJson, SerJson};

/// An operation of an explained run.
#[derive(Clone, Debug, PartialEq, Eq, SerJson, DeJson)]
pub struct Explained {
    /// The operation with literal keys, as text; empty for the end of the run.
    pub operation: String,
    /// The operations that replaced an impossible operation, as text, one a line; `None` if the
    /// operation was possible.
    pub became: Option<String>,
    /// Simpler operations, as text, that together have the effect of the operation. Empty if the
    /// world does not report them or the operation had no effect.
    pub did: Vec<String>,
    /// What happened; empty if there is nothing to report.
    pub remarks: String,
}

impl Explained {
    /// Creates the explanation of an operation that begins. `operation` is its text, which is empty
    /// for the end of the run.
    #[must_use]
    pub fn new(operation: String) -> Self {
        Explained { operation, became: None, did: Vec::new(), remarks: String::new() }
    }

    /// Adds a remark. If it equals the last remark, the count of the last remark increases instead.
    /// Once the remarks have more than 300 bytes, further remarks are dropped.
    pub fn remark(&mut self, text: &str) {
        const LONG: usize = 300;
        let remarks = &mut self.remarks;
        let start = remarks.rfind("; ").map_or(0, |at| at + 2);
        let last = &remarks[start..];
        let counted = last.rsplit_once(" (").and_then(|(words, count)| {
            Some((words, count.strip_suffix(" times)")?.parse::<u32>().ok()?))
        });
        let (words, count) = counted.unwrap_or((last, 1));
        if words == text {
            remarks.truncate(start + text.len());
            remarks.push_str(&format!(" ({} times)", count + 1));
            return;
        }
        if remarks.len() > LONG {
            if !remarks.ends_with("...") {
                remarks.push_str("; ...");
            }
            return;
        }
        if !remarks.is_empty() {
            remarks.push_str("; ");
        }
        remarks.push_str(text);
    }

    /// Returns simpler operations with the effect of this operation: those in `did`, or else those
    /// in `became`. `None` if there are none, or if the operation itself is the only one.
    #[must_use]
    pub fn plainly(&self) -> Option<Vec<&str>> {
        let plain: Vec<&str> = if self.did.is_empty() {
            self.became.iter().flat_map(|became| became.lines()).collect()
        } else {
            self.did.iter().map(String::as_str).collect()
        };
        (!plain.is_empty() && plain != [self.operation.as_str()]).then_some(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_remarks_are_counted_and_the_list_of_remarks_is_limited() {
        let mut explained = Explained::new("insert_each".to_owned());
        for text in ["one", "one", "one", "two", "one"] {
            explained.remark(text);
        }
        assert_eq!(explained.remarks, "one (3 times); two; one");
        (0..1000).for_each(|number| explained.remark(&number.to_string()));
        assert!(explained.remarks.len() < 400 && explained.remarks.ends_with("; ..."));
    }
}
