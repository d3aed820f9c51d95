//! A planted fault that every pipeline must report. A pipeline that misses it would miss every
//! fault.

use downbeat::drivers::seeded::{self, Until};
use downbeat_targets::TARGETS;

#[test]
fn the_seeded_driver_reports_the_canary_on_every_target() {
    for target in TARGETS {
        let outcome = seeded::drive(**target, 1, Until::Executions(100), true, None);
        let (input, _) = outcome.found.expect("the canary fails within a hundred inputs");
        let mut runner = target.runner();
        runner.set_canary(true);
        let failure = runner.judge(&input, false).failure.expect("the input fails again");
        assert_eq!(failure.check, format!("{}/canary", target.name()));
        runner.set_canary(false);
        assert_eq!(runner.judge(&input, false).failure, None, "without it the input passes");
    }
}
