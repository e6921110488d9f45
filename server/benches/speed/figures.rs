//! Medians, ratios and how they are printed.

use std::time::Duration;

/// Rounds, in which what is compared takes turns.
pub const ROUNDS: usize = 6;
/// How long each turn lasts.
pub const TURN: Duration = Duration::from_secs(1);

/// Two things in turns: a second, of one and of the other.
#[derive(Default)]
pub struct Compared {
    ours: Vec<f64>,
    theirs: Vec<f64>,
}

impl Compared {
    pub fn turn(&mut self, ours: f64, theirs: f64) {
        self.ours.push(ours);
        self.theirs.push(theirs);
    }

    /// "name  1.234 a second, beside 5.678: 0.22 × (0.20 to 0.25)"
    pub fn print(&mut self, name: &str, beside: &str) {
        let mut ratios: Vec<f64> =
            self.ours.iter().zip(&self.theirs).map(|(ours, theirs)| ours / theirs).collect();
        let middle = median(&mut ratios);
        println!(
            "{name:<44} {:>8.0} a second; {beside} {:>8.0}: {middle:>6.2} × ({:.2} to {:.2})",
            median(&mut self.ours),
            median(&mut self.theirs),
            ratios[0],
            ratios[ratios.len() - 1],
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "sizes and counts are small")]
pub fn per_second(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "sizes and counts are small")]
pub fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1_000.0
}

pub fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    f64::midpoint(figures[(figures.len() - 1) / 2], figures[figures.len() / 2])
}
