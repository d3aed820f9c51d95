//! Histograms of a target: operations, events and faults, as bars.
//!
//! A bar has the logarithm of its count as its length, because counts differ by orders of
//! magnitude. What never happened is marked.

use maud::{Markup, html};

use crate::finding::report::thousands;
use crate::history::{Counts, History};

/// The histograms over all campaigns on a target; nothing if no campaign has counts.
pub(super) fn histograms(histories: &[&History]) -> Markup {
    let mut sums = Counts::default();
    for counts in histories.iter().filter_map(|history| history.counts.as_ref()) {
        add(&mut sums.operations, &counts.operations);
        add(&mut sums.events, &counts.events);
        add(&mut sums.faults, &counts.faults);
    }
    let Counts { operations, events, faults } = sums;
    let lists = [("operations", operations), ("events", events), ("faults", faults)];
    html! {
        @for (what, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
            details.histogram {
                summary { (list.len()) " " (what) (never(&list)) }
                (bars(list))
            }
        }
    }
}

fn add(sums: &mut Vec<(String, u64)>, counts: &[(String, u64)]) {
    for (name, count) in counts {
        match sums.iter_mut().find(|(known, _)| known == name) {
            Some((_, sum)) => *sum += count,
            None => sums.push((name.clone(), *count)),
        }
    }
}

fn never(list: &[(String, u64)]) -> String {
    match list.iter().filter(|(_, count)| *count == 0).count() {
        0 => String::new(),
        never => format!(", {never} never"),
    }
}

/// A row for each name, the most frequent first.
fn bars(mut list: Vec<(String, u64)>) -> Markup {
    list.sort_by(|(_, a), (_, b)| b.cmp(a));
    let length = |count: u64| (count as f64 + 1.0).ln();
    let longest = list.first().map_or(1.0, |(_, most)| length(*most).max(1.0));
    html! {
        div.wide {
            table {
                tbody {
                    @for (name, count) in list {
                        tr.never[count == 0] {
                            td { (name) }
                            td.count { (thousands(count)) }
                            td.bar { div style={ "width:" (format!("{:.1}", 100.0 * length(count) / longest)) "%" } {} }
                        }
                    }
                }
            }
        }
    }
}
