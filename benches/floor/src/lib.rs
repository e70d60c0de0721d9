//! Runs jobs alternately in small batches, so that disturbances of the machine affect all of them.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// The number of batches of each job.
const ROUNDS: usize = 401;
/// The approximate duration of a batch.
const BATCH: Duration = Duration::from_micros(400);

/// A closure to measure, with a name.
pub struct Job<'a> {
    name: &'static str,
    run: Box<dyn FnMut() + 'a>,
    nanoseconds: Vec<f64>,
}

/// Makes a job of a closure. Its result passes through `black_box`.
pub fn job<'a, T>(name: &'static str, mut run: impl FnMut() -> T + 'a) -> Job<'a> {
    Job {
        name,
        run: Box::new(move || {
            black_box(run());
        }),
        nanoseconds: Vec::new(),
    }
}

/// Runs the jobs alternately and prints a line for each, with the ratio of its median to that of the
/// first job.
pub fn compare(title: &str, mut jobs: Vec<Job<'_>>) {
    let counts: Vec<u32> = jobs.iter_mut().map(|job| count(&mut job.run)).collect();
    for _ in 0..ROUNDS {
        for (job, &count) in jobs.iter_mut().zip(&counts) {
            let start = Instant::now();
            (0..count).for_each(|_| (job.run)());
            let batch = start.elapsed().as_secs_f64() * 1e9;
            job.nanoseconds.push(batch / f64::from(count));
        }
    }
    let medians: Vec<f64> = jobs
        .iter_mut()
        .map(|job| median(&mut job.nanoseconds))
        .collect();
    println!("{title}");
    for (job, nanoseconds) in jobs.iter().zip(&medians) {
        let ratio = nanoseconds / medians[0];
        println!("  {:48} {nanoseconds:>10.0} ns  {ratio:>9.4}", job.name);
    }
}

/// Returns the number of runs in a batch, by the fastest of five tries.
fn count(run: &mut dyn FnMut()) -> u32 {
    let mut time = |count: u32| {
        let tries = (0..5).map(|_| {
            let start = Instant::now();
            (0..count).for_each(|_| run());
            start.elapsed()
        });
        tries.min().unwrap_or_default()
    };
    let mut count = 1;
    while time(count) < BATCH {
        count *= 2;
    }
    count
}

/// Sorts the samples and returns their median.
///
/// # Panics
///
/// Panics if there are no samples.
pub fn median(samples: &mut [f64]) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}
