//! Each logged line is written, or reported as left out exactly once, whichever threads log.

use super::{is_summary, support::Lines, suppressed};
use proptest::prelude::*;
use std::{sync::Barrier, thread, time::Duration};
use tracing::Dispatch;
use tracing_stamp::Burst;
use tracing_subscriber::prelude::*;

/// What one thread does.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Logs at this call site with this key, so many times.
    Log {
        site: u8,
        key: u8,
        times: u8,
    },
    Yield,
    /// Sleeps so many milliseconds, so that periods end.
    Sleep(u64),
}

fn log(site: u8, peer: u8) {
    match site {
        0 => tracing::warn!(target: "site 0", peer, "logged"),
        1 => tracing::info!(target: "site 1", %peer, "logged"),
        _ => tracing::debug!(target: "site 2", other = peer, "logged"),
    }
}

fn step() -> impl Strategy<Value = Step> {
    let log = (0..3_u8, 0..12_u8, 1..40_u8);
    prop_oneof![
        8 => log.prop_map(|(site, key, times)| Step::Log { site, key, times }),
        2 => Just(Step::Yield),
        1 => (0..4_u64).prop_map(Step::Sleep),
    ]
}

fn burst() -> impl Strategy<Value = Burst> {
    (0..4_u32, 1..8_u64, 0..5_u32, any::<bool>()).prop_map(|(first, period, every, is_keyed)| {
        let burst = Burst::per_call_site(first, Duration::from_millis(period)).then_every(every);
        if is_keyed { burst.by("peer") } else { burst }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn written_and_suppressed_lines_are_all_that_were_logged(
        burst in burst(),
        scripts in prop::collection::vec(prop::collection::vec(step(), 1..30), 2..5),
        drops_guard in any::<bool>(),
    ) {
        let lines = Lines::default();
        let layer = tracing_stamp::layer().with_burst(burst).with_writer(lines.clone());
        let (stats, guard) = (layer.stats(), layer.burst_guard());
        let dispatch = Dispatch::new(tracing_subscriber::registry().with(layer));
        let barrier = Barrier::new(scripts.len());
        thread::scope(|scope| {
            for script in &scripts {
                let (dispatch, barrier) = (&dispatch, &barrier);
                scope.spawn(move || tracing::dispatcher::with_default(dispatch, || {
                    barrier.wait();
                    for step in script {
                        match *step {
                            Step::Log { site, key, times } => (0..times).for_each(|_| log(site, key)),
                            Step::Yield => thread::yield_now(),
                            Step::Sleep(milliseconds) => thread::sleep(Duration::from_millis(milliseconds)),
                        }
                    }
                }));
            }
            // Reports at the same time.
            if drops_guard {
                drop(guard);
            }
        });
        drop(dispatch);
        let all = lines.all();
        let mut left_out = 0;
        for wanted in 0..3 {
            let logged: u64 = scripts.iter().flatten().map(|step| match step {
                Step::Log { site, times, .. } if *site == wanted => u64::from(*times),
                _ => 0,
            }).sum();
            let of_site = all.iter().filter(|line| *line.get("target") == *format!("site {wanted}"));
            let (mut written, mut reported) = (0, 0);
            for line in of_site {
                written += u64::from(!is_summary(line));
                reported += suppressed(line);
            }
            prop_assert_eq!(written + reported, logged, "site {}: {} and {}", wanted, written, reported);
            left_out += reported;
        }
        prop_assert_eq!(stats.suppressed(), left_out);
    }
}
