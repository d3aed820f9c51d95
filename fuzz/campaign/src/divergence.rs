//! Finds the first operation at which the runs of two inputs differ, in the operation or its
//! effects.

use downbeat_protocol::Explained;

use crate::finding::report::operation_line;

/// The number of operations shown before the difference.
const BEFORE: usize = 5;

/// The number of operations shown of each run from the difference on.
const AFTER: usize = 3;

/// The lines that show the first difference between two runs; `None` if there is none.
#[must_use]
pub fn lines(one: &[Explained], other: &[Explained]) -> Option<Vec<String>> {
    let common = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    if common == one.len() && common == other.len() {
        return None;
    }
    let show = |mark: &str, run: &[Explained], from: usize, to: usize| -> Vec<String> {
        let operations = run.iter().enumerate().take(to).skip(from);
        operations
            .map(|(index, explained)| {
                format!("{mark} {}", operation_line(index as u64 + 1, explained))
            })
            .collect()
    };
    let mut lines = show(" ", one, common.saturating_sub(BEFORE), common);
    lines.extend(show("-", one, common, common + AFTER));
    lines.extend(show("+", other, common, common + AFTER));
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(operations: &[(&str, &str)]) -> Vec<Explained> {
        let explained = operations.iter().map(|(operation, remark)| {
            let mut explained = Explained::new((*operation).to_owned());
            explained.remark(remark);
            explained
        });
        explained.collect()
    }

    #[test]
    fn runs_diverge_at_the_first_operation_or_result_that_differs() {
        let one = run(&[("put 1", "= #1"), ("get 1", "#1"), ("get 2", "absent")]);
        assert_eq!(lines(&one, &one), None);
        let other = run(&[("put 1", "= #1"), ("get 1", "absent")]);
        let shown = lines(&one, &other).expect("the runs differ");
        let marks: Vec<&str> = shown.iter().map(|line| &line[..1]).collect();
        assert_eq!(marks, [" ", "-", "-", "+"]);
        assert!(shown[1].contains("#1") && shown[3].contains("absent"), "{shown:?}");
        let shorter = lines(&one, &one[..2]).expect("the runs differ");
        assert!(shorter.last().is_some_and(|line| line.starts_with('-')), "{shorter:?}");
    }
}
