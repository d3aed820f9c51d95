//! Plots of figures over time, as SVG.
//!
//! The style sheet of the page replaces the black of the text and the axes, so that a plot is
//! readable on a dark page.

use anyhow::{Result, anyhow};
use plotters::prelude::*;

/// The width and height of a plot. The page scales it to its own width.
const SIZE: (u32, u32) = (640, 280);

/// A line of a plot: its colour's number, and its points in seconds and a figure.
pub(super) struct Curve {
    pub(super) color: usize,
    pub(super) points: Vec<(f64, f64)>,
}

/// The colours of the curves. They differ in lightness, too, and are readable on light and dark
/// pages.
const COLORS: [RGBColor; 6] = [
    RGBColor(0x1f, 0x8a, 0xc0),
    RGBColor(0xe0, 0x7b, 0x00),
    RGBColor(0x2a, 0x9d, 0x5c),
    RGBColor(0xc6, 0x4b, 0x8c),
    RGBColor(0x8a, 0x63, 0xd2),
    RGBColor(0xa0, 0x8a, 0x1a),
];

/// The colour of a curve in the notation of HTML.
pub(super) fn html_color(color: usize) -> String {
    let RGBColor(red, green, blue) = COLORS[color % COLORS.len()];
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Draws curves over time; `None` if no curve has two points.
pub(super) fn draw(curves: &[Curve]) -> Result<Option<String>> {
    let points = || curves.iter().filter(|curve| curve.points.len() > 1).flat_map(|c| &c.points);
    if points().next().is_none() {
        return Ok(None);
    }
    let most = |of: fn(&(f64, f64)) -> f64| points().map(of).fold(1.0, f64::max);
    let (seconds, figure) = (most(|point| point.0), most(|point| point.1));
    let mut svg = String::new();
    draw_on(&mut svg, curves, seconds, figure).map_err(|error| anyhow!("cannot plot: {error}"))?;
    Ok(Some(svg))
}

fn draw_on(
    svg: &mut String,
    curves: &[Curve],
    seconds: f64,
    figure: f64,
) -> Result<(), Box<dyn std::error::Error>> {
    // A plot has about ten labels on each axis.
    let digits = usize::from(seconds < 20.0);
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    let mut chart = ChartBuilder::on(&root)
        .margin(8)
        .x_label_area_size(36)
        .y_label_area_size(64)
        .build_cartesian_2d(0.0..seconds, 0.0..figure * 1.05)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_desc("seconds")
        .label_style(("sans-serif", 15))
        .x_label_formatter(&|at| format!("{at:.digits$}"))
        .y_label_formatter(&|figure| format!("{figure:.0}"))
        .y_labels(5)
        .light_line_style(TRANSPARENT)
        .draw()?;
    for Curve { color, points, .. } in curves {
        let style = COLORS[color % COLORS.len()].stroke_width(2);
        chart.draw_series(LineSeries::new(points.iter().copied(), style))?;
    }
    root.present()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_has_a_line_for_each_curve_and_a_single_point_is_none() {
        let curve = |color, points: &[(f64, f64)]| Curve { color, points: points.to_owned() };
        let rising = [(1.0, 3.0), (2.0, 40.0)];
        let svg = draw(&[curve(0, &rising), curve(1, &rising)]).expect("drawn").expect("a plot");
        assert!(svg.starts_with("<svg ") && svg.contains("viewBox"), "{svg}");
        for color in [0, 1] {
            assert!(svg.to_lowercase().contains(&html_color(color)), "{svg}");
        }
        assert_eq!(draw(&[curve(0, &rising[..1])]).expect("drawn"), None);
        assert_eq!(draw(&[]).expect("drawn"), None);
    }
}
