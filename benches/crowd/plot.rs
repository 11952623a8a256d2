//! The traffic as a picture.

use plotters::prelude::*;

use crate::traffic::Traffic;

/// Draws what each peer receives against how many there are, both by powers of ten.
pub(crate) fn draw(traffic: &[Traffic], file: &str) {
    let area = SVGBackend::new(file, (720, 420)).into_drawing_area();
    area.fill(&WHITE).unwrap();
    let most = traffic.iter().map(|traffic| traffic.peers).max().unwrap_or(2) as f64;
    let highest = traffic.iter().map(|traffic| traffic.bytes).fold(1.0, f64::max);
    let mut chart = ChartBuilder::on(&area)
        .margin(16)
        .caption("What each peer receives while nobody says anything", ("sans-serif", 24))
        .x_label_area_size(52)
        .y_label_area_size(76)
        .build_cartesian_2d((2.0..most * 1.1).log_scale(), (0.1..highest * 2.0).log_scale())
        .unwrap();
    chart
        .configure_mesh()
        .x_desc("peers on the LAN")
        .y_desc("a second")
        .label_style(("sans-serif", 18))
        .axis_desc_style(("sans-serif", 20))
        .x_label_formatter(&|peers| format!("{peers:.0}"))
        .y_label_formatter(&|a_second| {
            if *a_second < 1.0 { format!("{a_second:.1}") } else { format!("{a_second:.0}") }
        })
        .light_line_style(WHITE)
        .draw()
        .unwrap();
    type Drawn = (&'static str, RGBColor, fn(&Traffic) -> f64);
    let lines: [Drawn; 2] = [
        ("bytes", RGBColor(0, 90, 160), |traffic| traffic.bytes),
        ("frames", RGBColor(200, 80, 0), |traffic| traffic.frames),
    ];
    for (name, color, of) in lines {
        let points = traffic.iter().map(|traffic| (traffic.peers as f64, of(traffic)));
        let line = LineSeries::new(points, color.stroke_width(2)).point_size(3);
        let drawn = chart.draw_series(line).unwrap();
        drawn.label(name).legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], color.stroke_width(2)));
    }
    let mut labels = chart.configure_series_labels();
    labels.position(SeriesLabelPosition::UpperLeft).label_font(("sans-serif", 18)).border_style(BLACK).draw().unwrap();
    area.present().unwrap();
}
