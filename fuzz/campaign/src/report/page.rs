//! The page, as HTML.

use std::collections::BTreeSet;

use anyhow::Result;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::plot::{self, Curve};
use super::{Filed, Report, Searched, bars};
use crate::coverage::Component;
use crate::finding::report::thousands;
use crate::history::{History, Point};

/// The number of campaigns of a target that its plots show: the latest ones.
const CAMPAIGNS_PLOTTED: usize = 6;

const STYLE: &str = include_str!("page.css");

const SCRIPT: &str = include_str!("page.js");

pub(super) fn page(report: &Report, refresh: Option<u32>) -> Result<String> {
    let targets: BTreeSet<&str> = report.histories.iter().map(|h| &*h.start.target).collect();
    let mut cards = Vec::new();
    for target in &targets {
        let histories: Vec<_> =
            report.histories.iter().filter(|h| h.start.target == *target).collect();
        cards.push(card(target, &histories)?);
    }
    let executions = report.histories.iter().filter_map(|h| h.points.last());
    let executions: u64 = executions.map(|last| last.executions).sum();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                @if let Some(seconds) = refresh { meta http-equiv="refresh" content=(seconds); }
                title { "Downbeat" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "Downbeat" }
                    p {
                        (thousands(report.histories.len() as u64)) " campaigns on "
                        (targets.len()) " targets, " (thousands(executions)) " executions, "
                        (report.findings.len()) " findings"
                    }
                    label for="filter" { "Targets " }
                    input id="filter" type="search" placeholder="all";
                    span id="shown" {}
                }
                main {
                    @if !report.findings.is_empty() { (findings(&report.findings)) }
                    @for card in &cards { (card) }
                    @if !report.planted.is_empty() { (planted(&report.planted)) }
                    @if !report.coverage.is_empty() { (coverage(&report.coverage)) }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    Ok(page.into_string())
}

/// The campaigns on a target: a table, and plots of the latest ones.
fn card(target: &str, histories: &[&History]) -> Result<Markup> {
    let latest = &histories[histories.len().saturating_sub(CAMPAIGNS_PLOTTED)..];
    let edges = plot(latest, |point| point.edges.map(|edges| edges as f64))?;
    let states = plot(latest, |point| Some(point.states as f64))?;
    Ok(html! {
        section data-target=(target) {
            h2 { (target) }
            div.plots {
                @for (name, plot) in [("edges", edges), ("states", states)] {
                    @if let Some(plot) = plot {
                        figure { figcaption { (name) } (PreEscaped(plot)) }
                    }
                }
            }
            div.wide {
                table {
                    thead { tr {
                        th {} th { "driver" } th { "seed" } th { "jobs" } th { "seconds" }
                        th { "executions" } th { "steps" } th { "edges" } th { "states" } th { "end" }
                    } }
                    tbody {
                        @for (number, history) in histories.iter().enumerate().rev() {
                            (campaign(history, number.checked_sub(histories.len() - latest.len())))
                        }
                    }
                }
            }
            (bars::histograms(histories))
        }
    })
}

/// A row for a campaign, with the number of its colour if the plots show it.
fn campaign(history: &History, color: Option<usize>) -> Markup {
    let none = || "-".to_owned();
    let last = history.points.last();
    let figure = |of: fn(&Point) -> Option<u64>| last.and_then(of).map_or_else(none, thousands);
    html! {
        tr {
            td { @if let Some(color) = color { span.key style={ "background:" (plot::html_color(color)) } {} } }
            td { (history.start.driver) }
            td { (history.start.seed) }
            td { (history.start.jobs) }
            td { (last.map_or_else(none, |last| format!("{:.0}", last.seconds))) }
            td { (figure(|point| Some(point.executions))) }
            td { (figure(|point| Some(point.steps))) }
            td { (figure(|point| point.edges)) }
            td { (figure(|point| Some(point.states as u64))) "/" (history.start.buckets) }
            td { (history.end.as_deref().unwrap_or("no end")) }
        }
    }
}

fn plot(histories: &[&History], figure: fn(&Point) -> Option<f64>) -> Result<Option<String>> {
    let curves = histories.iter().enumerate().map(|(color, history)| {
        let points = history.points.iter();
        let points = points.filter_map(|point| Some((point.seconds, figure(point)?)));
        Curve { color, points: points.collect() }
    });
    plot::draw(&curves.collect::<Vec<_>>())
}

fn findings(findings: &[Filed]) -> Markup {
    html! {
        section {
            h2 { "Findings" }
            @for Filed { target, folder, seen, report } in findings {
                details data-target=(target) {
                    summary {
                        b { (target) } " " (folder)
                        @if *seen > 1 { " (seen " (seen) " times)" }
                    }
                    pre { (report) }
                }
            }
        }
    }
}

fn planted(rows: &[Searched]) -> Markup {
    html! {
        section {
            h2 { "Planted bugs" }
            div.wide {
                table {
                    thead { tr {
                        th { "target" } th { "driver" } th { "searches that found the bug" } th { "CPU s (median)" }
                    } }
                    tbody {
                        @for Searched { target, driver, searches, found, cpu_seconds } in rows {
                            tr data-target=(target) {
                                td { (target) }
                                td { (driver) }
                                td { (bar(*found, *searches)) (found) " of " (searches) }
                                td { (cpu_seconds.map_or("-".to_owned(), |s| format!("{s:.1}"))) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn coverage(components: &[Component]) -> Markup {
    html! {
        section {
            h2 { "Coverage of the core" }
            div.wide {
                table {
                    thead { tr { th { "component" } th { "regions" } th { "covered" } } }
                    tbody {
                        @for Component { name, regions, .. } in components {
                            tr {
                                td { (name) }
                                td { (thousands(regions.count)) }
                                td {
                                    (bar(regions.covered as usize, regions.count as usize))
                                    (format!("{:.1} %", regions.percent()))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A bar that shows a share.
fn bar(part: usize, of: usize) -> Markup {
    html! { meter min="0" max=(of.max(1)) value=(part) {} " " }
}
