//! Runs on the simulated disk: a used disk behaves like a new one, and the disk keeps its promises.

use arbtest::arbitrary::{Result, Unstructured};
use arbtest::arbtest;
use downbeat::disk::{Armed, FaultKind, FaultLimits, Order, RuleOptions, SimulatedDisk};
use downbeat_lsm::storage::{
    Access, Buffer, Completion, Layout, LayoutOptions, Operation, Owner, Span, Storage,
};

fn layout(input: &mut Unstructured<'_>) -> Result<Layout> {
    let sector_size = 64 << input.int_in_range(0..=3)?;
    let options = LayoutOptions {
        sector_size,
        block_size: (sector_size << input.int_in_range(0..=2)?).max(128),
        superblock_copies: *input.choose(&[2, 4, 6, 8])?,
        block_count: input.int_in_range(1..=9)?,
    };
    Ok(Layout::new(options).expect("the layout is valid"))
}

/// A span within a copy or a block.
fn span(layout: &Layout, input: &mut Unstructured<'_>) -> Result<Span> {
    let whole = if input.ratio(1, 4)? {
        layout.superblock_copy(input.int_in_range(0..=layout.superblock_copies() - 1)?)
    } else {
        layout.block(input.int_in_range(1..=layout.block_count())?)
    };
    let sectors = whole.length / layout.sector_size();
    let first = input.int_in_range(0..=sectors - 1)?;
    let count = input.int_in_range(1..=sectors - first)?;
    let size = layout.sector_size();
    Ok(Span { offset: whole.offset + (first * size) as u64, length: count * size })
}

/// A command that means the same for every disk with the layout.
enum Command {
    Submit(Option<(Span, u8)>, bool),
    Step,
    Crash,
    Restart,
    Arm(Armed),
    Damage(Span, FaultKind),
    Schedule(u64),
    Abandon,
}

fn command(layout: &Layout, input: &mut Unstructured<'_>) -> Result<Command> {
    Ok(match input.int_in_range(0..=15)? {
        0..=4 => Command::Submit(Some((span(layout, input)?, input.arbitrary()?)), true),
        5..=6 => Command::Submit(Some((span(layout, input)?, 0)), false),
        7 => Command::Submit(None, false),
        8..=10 => Command::Step,
        11 => Command::Crash,
        12 if input.ratio(1, 3)? => Command::Restart,
        13 => {
            let damages = [FaultKind::Flips, FaultKind::Zeroes, FaultKind::Garbles];
            Command::Damage(span(layout, input)?, *input.choose(&damages)?)
        }
        14 => Command::Arm(Armed {
            kind: *input.choose(&FaultKind::ALL)?,
            access: *input.choose(&[None, Some(Access::Read), Some(Access::Write)])?,
            nth: input.int_in_range(0..=3)?,
        }),
        15 if input.ratio(1, 3)? => Command::Abandon,
        _ => Command::Schedule(input.arbitrary()?),
    })
}

fn overlaps_write_in_flight(in_flight: &[Span], span: Span) -> bool {
    in_flight.iter().any(|other| other.overlaps(&span))
}

/// Executes a command and describes the result.
fn perform(disk: &mut SimulatedDisk, in_flight: &mut Vec<Span>, command: &Command) -> String {
    let owner = Owner { component: 3, slot: 4 };
    match *command {
        Command::Submit(Some((span, stamp)), true) => {
            if disk.is_down() || overlaps_write_in_flight(in_flight, span) {
                return "refused".to_owned();
            }
            in_flight.push(span);
            let mut buffer = Buffer::new(span.length);
            buffer.bytes_mut().fill(stamp);
            let ticket = disk.submit(Operation::Write { span, buffer: buffer.share() }, owner);
            format!("{ticket:?}")
        }
        Command::Submit(Some((span, _)), false) => {
            let buffer = Buffer::new(span.length);
            format!("{:?}", disk.submit(Operation::Read { span, buffer }, owner))
        }
        Command::Submit(None, _) => format!("{:?}", disk.submit(Operation::Flush, owner)),
        Command::Step => match disk.step() {
            None => "nothing".to_owned(),
            Some(Completion { ticket, operation, result, owner: got }) => {
                assert_eq!(got, owner);
                if let Operation::Write { span, .. } = &operation {
                    in_flight.retain(|other| other != span);
                }
                let bytes = match &operation {
                    Operation::Read { span, buffer } => buffer.bytes()[..span.length].to_vec(),
                    Operation::Write { .. } | Operation::Flush => Vec::new(),
                };
                format!("{ticket:?} {result:?} {bytes:?}")
            }
        },
        Command::Crash => {
            disk.lose_power();
            disk.restart();
            in_flight.clear();
            "crashed".to_owned()
        }
        Command::Restart => {
            disk.restart();
            in_flight.clear();
            "restarted".to_owned()
        }
        Command::Arm(armed) => {
            disk.arm(armed);
            armed.describe()
        }
        Command::Damage(span, kind) => format!("{}", disk.damage(span, kind)),
        Command::Schedule(schedule) => {
            disk.set_schedule(schedule);
            String::new()
        }
        Command::Abandon => {
            let operation = disk.abandon();
            if let Some(Operation::Write { span, .. }) = &operation {
                in_flight.retain(|other| other != span);
            }
            format!("{:?}", operation.and_then(|operation| operation.span()))
        }
    }
}

fn open(disk: &mut SimulatedDisk, order: Order, limits: FaultLimits) {
    disk.set_order(order);
    disk.set_limits(limits);
    let off =
        RuleOptions { unwritten_reads: false, superblock_last: false, ..RuleOptions::default() };
    disk.set_rules(off);
}

fn twin_run(input: &mut Unstructured<'_>, used: &mut SimulatedDisk) -> Result<()> {
    let layout = layout(input)?;
    let order = *input.choose(&Order::ALL)?;
    let limits = *input.choose(&[FaultLimits::NONE, FaultLimits::BEYOND])?;
    let mut fresh = SimulatedDisk::new(layout);
    used.reset(layout);
    open(&mut fresh, order, limits);
    open(used, order, limits);
    let (mut in_flight, mut in_flight_used) = (Vec::new(), Vec::new());
    for _ in 0..input.int_in_range(0..=60)? {
        let command = command(&layout, input)?;
        let said = perform(&mut fresh, &mut in_flight, &command);
        assert_eq!(perform(used, &mut in_flight_used, &command), said);
    }
    assert_eq!(used.describe(), fresh.describe());
    assert_eq!(used.counts(), fresh.counts());
    let content = |disk: &SimulatedDisk| {
        let mut bytes = vec![0; disk.size() as usize];
        disk.image().read_undamaged(0, &mut bytes);
        bytes
    };
    assert_eq!(content(used), content(&fresh));
    Ok(())
}

#[test]
fn a_disk_that_was_reset_behaves_like_a_new_disk() {
    let smallest =
        LayoutOptions { sector_size: 64, block_size: 128, superblock_copies: 2, block_count: 1 };
    let mut used = SimulatedDisk::new(Layout::new(smallest).expect("the layout is valid"));
    arbtest(|input| twin_run(input, &mut used)).budget_ms(2_000);
}

/// Checks byte by byte what a store may rely on: without a crash, the last write; after a crash,
/// the content at the last flush or any write since.
fn promise_run(input: &mut Unstructured<'_>) -> Result<()> {
    let layout = layout(input)?;
    let mut disk = SimulatedDisk::new(layout);
    open(&mut disk, *input.choose(&Order::ALL)?, FaultLimits::NONE);
    let owner = Owner { component: 0, slot: 0 };
    let mut newest = vec![0_u8; layout.size() as usize];
    // For each byte, the set of stamps that a crash may leave.
    let mut possible = vec![1_u64; newest.len()];
    for stamp in 1..=input.int_in_range(1..=40)? {
        disk.set_schedule(input.arbitrary()?);
        let mut in_flight = Vec::new();
        for _ in 0..input.int_in_range(0..=3)? {
            let span = span(&layout, input)?;
            if overlaps_write_in_flight(&in_flight, span) {
                continue;
            }
            in_flight.push(span);
            let mut buffer = Buffer::new(span.length);
            buffer.bytes_mut().fill(stamp);
            disk.submit(Operation::Write { span, buffer: buffer.share() }, owner);
            let bytes = span.offset as usize..span.end() as usize;
            newest[bytes.clone()].fill(stamp);
            possible[bytes].iter_mut().for_each(|possible| *possible |= 1 << stamp);
        }
        let crashes = input.ratio(1, 4)?;
        if crashes {
            for _ in 0..input.int_in_range(0..=in_flight.len())? {
                let _ = disk.step();
            }
            disk.crash();
            disk.restart();
        } else {
            while disk.step().is_some() {}
        }
        let mut bytes = vec![0; newest.len()];
        disk.image().read(0, &mut bytes).expect("nothing is damaged");
        let flushes = !crashes && input.ratio(1, 2)?;
        if !crashes {
            assert_eq!(bytes, newest);
            if flushes {
                disk.submit(Operation::Flush, owner);
                assert_eq!(disk.step().expect("an operation is in flight").result, Ok(()));
            }
        }
        if crashes || flushes {
            for (byte, possible) in bytes.iter().zip(&mut possible) {
                assert_ne!(*possible & (1 << byte), 0, "a crash may leave this byte");
                *possible = 1 << byte;
            }
            newest = bytes;
        }
    }
    Ok(())
}

#[test]
fn flushed_sectors_survive_every_crash_and_other_sectors_have_one_of_their_versions() {
    arbtest(promise_run).budget_ms(2_000);
}
