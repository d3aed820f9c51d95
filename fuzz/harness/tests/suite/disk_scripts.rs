//! Runs the scripts of the simulated disk: `fuzz/harness/tests/disk/*.script`.
//!
//! A sector is filled with a letter and printed as this letter: `.` is zeros, `(16a 48b)` a sector
//! whose first 16 bytes are `a` and the rest `b`, `~a` a sector of `a` with a flipped bit, `?`
//! noise. `block 1.2` is the third sector of block 1.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use downbeat::disk::{
    Armed, Fate, FaultKind, FaultLimits, Mishap, Order, Outcome, RuleOptions, SimulatedDisk,
    Unflushed, Unit,
};
use downbeat_lsm::storage::{
    Access, Buffer, Completion, Layout, LayoutOptions, Operation, Owner, Span, Storage,
};

use crate::scripts;
use crate::ways::Ways;

#[test]
fn the_simulated_disk_does_what_the_scripts_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/disk");
    scripts::run_all(&folder, || {
        let mut session = Session { disk: SimulatedDisk::new(layout("")) };
        move |command| session.run(command)
    });
}

struct Session {
    disk: SimulatedDisk,
}

/// The number after `name=`; `None` if it is missing.
fn option(words: &str, name: &str) -> Option<u64> {
    let value = words.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='))?;
    Some(number(value))
}

fn number(word: &str) -> u64 {
    word.parse().unwrap_or_else(|_| panic!("script: not a number: {word:?}"))
}

fn layout(words: &str) -> Layout {
    let option = |name, default| option(words, name).unwrap_or(default);
    let options = LayoutOptions {
        sector_size: option("sector", 64) as usize,
        block_size: option("block", 256) as usize,
        superblock_copies: option("copies", 2) as usize,
        block_count: option("blocks", 8),
    };
    Layout::new(options).expect("script: the layout is valid")
}

impl Session {
    fn run(&mut self, command: &str) -> Vec<String> {
        let caught = catch_unwind(AssertUnwindSafe(|| self.command(command)));
        caught.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            let text = text.unwrap_or_default();
            assert!(!text.starts_with("script: "), "{text} in {command:?}");
            vec![format!("panic: {text}")]
        })
    }

    fn command(&mut self, command: &str) -> Vec<String> {
        let (verb, rest) = command.split_once(' ').unwrap_or((command, ""));
        let disk = &mut self.disk;
        match verb {
            "disk" => {
                disk.reset(layout(rest));
                disk.set_background(option(rest, "background").unwrap_or(0));
            }
            "order" => {
                let order = Order::ALL
                    .into_iter()
                    .find(|order| format!("{order:?}").to_lowercase() == rest.replace('-', ""));
                disk.set_order(order.expect("script: an order"));
            }
            "schedule" => disk.set_schedule(number(rest)),
            "write" => self.write(rest),
            "read" => self.read(rest),
            "flush" => self.submit(Operation::Flush),
            "step" => return vec![self.step().unwrap_or_else(|| "nothing completes".to_owned())],
            "run" => return std::iter::from_fn(|| self.step()).collect(),
            "sync" => {
                let mut said: Vec<String> = std::iter::from_fn(|| self.step()).collect();
                self.submit(Operation::Flush);
                said.extend(std::iter::from_fn(|| self.step()));
                return said;
            }
            "content" => return vec![self.content(rest, true)],
            "undamaged" => return vec![self.content(rest, false)],
            "show" => return disk.describe(),
            "counts" => return self.counts(),
            "crash" => return self.crash(rest),
            "ways" => return self.ways(rest),
            "restart" if rest == "keeping-queue" => disk.restart_keeping_queue(),
            "restart" => disk.restart(),
            "mishaps" => return self.mishaps(),
            "power-off" => disk.lose_power(),
            "kill" => disk.kill(),
            "arm" => return self.arm(rest),
            "limits" => disk.set_limits(match rest {
                "beyond" => FaultLimits::BEYOND,
                _ => FaultLimits {
                    superblock: option(rest, "superblock").unwrap_or(0) as usize,
                    grid: option(rest, "grid").unwrap_or(0) as usize,
                },
            }),
            "damage" => return self.damage(rest),
            "repair" => disk.image_mut().repair_all(),
            "settle" => disk.settle(),
            "protect" => disk.protect(number(rest)),
            "unprotect" => disk.unprotect_all(),
            "allow" => disk.allow(number(rest)),
            "forbid" => disk.forbid(number(rest)),
            "rules" => disk.set_rules(RuleOptions {
                allocation: option(rest, "allocation").is_some_and(|on| on == 1),
                unwritten_reads: option(rest, "unwritten-reads").is_none_or(|on| on == 1),
                superblock_last: option(rest, "superblock-last").is_none_or(|on| on == 1),
                journal: option(rest, "journal").is_some_and(|on| on == 1),
                reads_max: option(rest, "reads").map_or(usize::MAX, |most| most as usize),
                writes_max: option(rest, "writes").map_or(usize::MAX, |most| most as usize),
            }),
            "journal" => {
                let submitted = disk.take_journal().map(|submitted| {
                    let Span { offset, length } = submitted.span;
                    format!("{}: {length} bytes at {offset}", submitted.unit.describe())
                });
                return submitted.collect();
            }
            "abandon" => {
                let operation = disk.abandon();
                return vec![operation.map_or("nothing".to_owned(), |op| name(disk, &op))];
            }
            other => panic!("script: no such command: {other:?}"),
        }
        Vec::new()
    }

    /// Parses `block 1` or `copy 0`, or sectors of them: `block 1.2`, `block 1.2-3`.
    fn span(&self, words: &str) -> Span {
        let layout = self.disk.layout();
        let (kind, place) = words.split_once(' ').unwrap_or_else(|| panic!("script: {words:?}"));
        let (unit, sectors) = place.split_once('.').unwrap_or((place, ""));
        let unit = match kind {
            "copy" => Unit::Copy(number(unit) as usize),
            "block" => Unit::Block(number(unit)),
            "byte" => {
                let length = if sectors.is_empty() { 64 } else { number(sectors) };
                return Span { offset: number(unit), length: length as usize };
            }
            _ => panic!("script: no such place: {words:?}"),
        };
        let Span { offset, length } = unit.span(layout);
        if sectors.is_empty() {
            return Span { offset, length };
        }
        let (first, last) = sectors.split_once('-').unwrap_or((sectors, sectors));
        let (first, last) = (number(first), number(last));
        let size = layout.sector_size();
        let length = (last - first + 1) as usize * size;
        Span { offset: offset + first * size as u64, length }
    }

    fn submit(&mut self, operation: Operation) {
        self.disk.submit(operation, Owner { component: 0, slot: 0 });
    }

    /// Executes `PLACE = LETTERS`: one letter for each sector. The last letter also fills all later
    /// sectors.
    fn write(&mut self, words: &str) {
        let (place, letters) = words.split_once(" = ").expect("script: write PLACE = LETTERS");
        let span = self.span(place);
        let mut buffer = Buffer::new(span.length);
        let size = self.disk.sector_size();
        for (index, sector) in buffer.bytes_mut().chunks_mut(size).enumerate() {
            sector.fill(letters.as_bytes()[index.min(letters.len() - 1)]);
        }
        self.submit(Operation::Write { span, buffer: buffer.share() });
    }

    fn read(&mut self, place: &str) {
        let span = self.span(place);
        self.submit(Operation::Read { span, buffer: Buffer::new(span.length) });
    }

    fn step(&mut self) -> Option<String> {
        let Completion { operation, result, .. } = self.disk.step()?;
        let name = name(&self.disk, &operation);
        let size = self.disk.sector_size();
        Some(match (operation, result) {
            // The buffer then holds noise, so that a store that uses it fails.
            (Operation::Read { buffer, .. }, Err(fault)) => {
                format!("{name}: {fault}; the buffer: {}", show(buffer.bytes(), size))
            }
            (_, Err(fault)) => format!("{name}: {fault}"),
            (Operation::Read { buffer, .. }, Ok(())) => {
                format!("{name}: {}", show(buffer.bytes(), size))
            }
            (_, Ok(())) => format!("{name}: done"),
        })
    }

    fn content(&self, place: &str, damaged: bool) -> String {
        let span = self.span(place);
        let mut bytes = vec![0; span.length];
        if damaged {
            if let Err(unreadable) = self.disk.image().read(span.offset, &mut bytes) {
                return format!("sector {} cannot be read", unreadable.sector);
            }
        } else {
            self.disk.image().read_undamaged(span.offset, &mut bytes);
        }
        show(&bytes, self.disk.sector_size())
    }

    fn counts(&self) -> Vec<String> {
        let counts = self.disk.counts().happened();
        counts
            .map(|(outcome, count)| format!("{count} {}", Outcome::NAMES[outcome as usize]))
            .collect()
    }

    /// Prints the I/Os that went wrong, and the units whose writes a crash lost after a flush.
    fn mishaps(&self) -> Vec<String> {
        let layout = self.disk.layout();
        let mut said: Vec<String> = (self.disk.mishaps().iter())
            .map(|Mishap { io, access, offset, failed, length: _ }| {
                let what = if *failed { "failed" } else { "gave wrong bytes" };
                format!("{io}: {access:?} at {offset} {what}")
            })
            .collect();
        let copies = (0..layout.superblock_copies()).map(Unit::Copy);
        for unit in copies.chain((1..=layout.block_count()).map(Unit::Block)) {
            let name = unit.describe();
            said.extend(self.disk.is_forgotten(unit).then(|| format!("{name} is forgotten")));
            said.extend(self.disk.is_spoiled(unit).then(|| format!("{name} is spoiled")));
        }
        said
    }

    /// Parses `by chance`, or a default fate and the fates of some versions: `vanishes, block 1.0
    /// survives, block 1.0 older 1 torn after 16, in flight done`.
    fn crash(&mut self, words: &str) -> Vec<String> {
        if words == "by chance" {
            self.disk.crash();
            return Vec::new();
        }
        let mut said = Vec::new();
        let (mut default, mut in_flight, mut fates) = (None, false, Vec::new());
        for part in words.split(", ") {
            if part == "in flight done" {
                in_flight = true;
            } else if let Some(fate) = fate(part) {
                default = Some(fate);
            } else {
                let words: Vec<&str> = part.splitn(3, ' ').collect();
                let [kind, place, mut rest] = words[..] else { panic!("script: {part:?}") };
                let mut newer = 0;
                if let Some(older) = rest.strip_prefix("older ") {
                    let (count, fate) = older.split_once(' ').expect("script: older N FATE");
                    (newer, rest) = (number(count) as u32, fate);
                }
                let span = self.span(&format!("{kind} {place}"));
                let sector = self.disk.image().sector_of(span.offset);
                let fate = fate(rest).unwrap_or_else(|| panic!("script: no such fate: {rest:?}"));
                fates.push((sector, newer, fate));
            }
        }
        let default = default.unwrap_or(Fate::Vanishes);
        self.disk.crash_with(&mut |_| in_flight, &mut |version| {
            let Unflushed { sector, newer, doomed, excused } = version;
            let named = fates.iter().find(|(own, age, _)| (*own, *age) == (sector, newer));
            let fate = named.map_or(default, |(_, _, fate)| *fate);
            let older = if newer > 0 { format!(", {newer} newer") } else { String::new() };
            let doomed = if doomed { ", doomed" } else { "" };
            let excused = if excused { ", excused" } else { "" };
            said.push(format!("sector {sector}{older}{doomed}{excused}: {fate:?}"));
            fate
        });
        said
    }

    /// Tries every crash on copies, and prints what each leaves at a place.
    fn ways(&mut self, place: &str) -> Vec<String> {
        let fates = [Fate::Survives, Fate::Vanishes];
        let mut ways = Ways::new(&fates);
        let mut trial = SimulatedDisk::new(*self.disk.layout());
        let mut said = Vec::new();
        loop {
            trial.copy_at_power_loss(&self.disk);
            trial.crash_with(&mut |_| false, &mut |_| ways.fate());
            let copy = Session { disk: trial };
            said.push(copy.content(place, true));
            trial = copy.disk;
            if !ways.advance() {
                return said;
            }
        }
    }

    /// Executes `KIND [ACCESS] NTH`.
    fn arm(&mut self, words: &str) -> Vec<String> {
        let words: Vec<&str> = words.split(' ').collect();
        let (access, nth) = match words[1..] {
            ["read", nth] => (Some(Access::Read), nth),
            ["write", nth] => (Some(Access::Write), nth),
            ["flush", nth] => (Some(Access::Flush), nth),
            [nth] => (None, nth),
            _ => panic!("script: arm KIND [ACCESS] NTH"),
        };
        let armed = Armed { kind: kind(words[0]), access, nth: number(nth) };
        self.disk.arm(armed);
        vec![armed.describe()]
    }

    /// Executes `KIND PLACE`.
    fn damage(&mut self, words: &str) -> Vec<String> {
        let (name, place) = words.split_once(' ').expect("script: damage KIND PLACE");
        let span = self.span(place);
        let done = self.disk.damage(span, kind(name));
        vec![if done { "done" } else { "withheld" }.to_owned()]
    }
}

fn kind(name: &str) -> FaultKind {
    let kind = FaultKind::ALL
        .into_iter()
        .find(|kind| format!("{kind:?}").to_lowercase() == name.replace('-', ""));
    kind.unwrap_or_else(|| panic!("script: no such fault: {name:?}"))
}

fn fate(words: &str) -> Option<Fate> {
    match words {
        "survives" => Some(Fate::Survives),
        "vanishes" => Some(Fate::Vanishes),
        _ => {
            let after = words.strip_prefix("torn after ").map(|at| number(at) as usize);
            let before = words.strip_prefix("torn before ").map(|at| number(at) as usize);
            after.map(Fate::TornAfter).or(before.map(Fate::TornBefore))
        }
    }
}

fn name(disk: &SimulatedDisk, operation: &Operation) -> String {
    let place = |span: &Span| {
        let unit = Unit::at(disk.layout(), span.offset);
        unit.map_or_else(|| "padding".to_owned(), Unit::describe)
    };
    match operation {
        Operation::Read { span, .. } => format!("read {}", place(span)),
        Operation::Write { span, .. } => format!("write {}", place(span)),
        Operation::Flush => "flush".to_owned(),
    }
}

fn show(bytes: &[u8], sector_size: usize) -> String {
    bytes.chunks(sector_size).map(show_sector).collect()
}

fn show_sector(bytes: &[u8]) -> String {
    let letter = |byte: u8| match byte {
        0 => Some('.'),
        _ => byte.is_ascii_lowercase().then_some(char::from(byte)),
    };
    let most = bytes.iter().max_by_key(|byte| bytes.iter().filter(|other| other == byte).count());
    let most = most.copied().unwrap_or(0);
    let flipped: u32 = bytes.iter().map(|byte| (byte ^ most).count_ones()).sum();
    if let Some(letter) = letter(most).filter(|_| flipped == 1) {
        return format!("~{letter}");
    }
    let runs: Vec<&[u8]> = bytes.chunk_by(|left, right| left == right).collect();
    if runs.len() <= 3 && runs.iter().all(|run| letter(run[0]).is_some()) {
        if let [run] = runs[..] {
            return letter(run[0]).map_or_else(String::new, String::from);
        }
        let runs = runs.iter().map(|run| format!("{}{}", run.len(), letter(run[0]).unwrap_or('?')));
        return format!("({})", runs.collect::<Vec<_>>().join(" "));
    }
    "?".to_owned()
}
