use domain::StreamKind;

use super::*;

const LOG: u128 = 7;

fn ticket(number: u64) -> StreamId {
    StreamId::new(StreamKind::Ticket, number.into())
}

fn hash(number: u64) -> [u8; 16] {
    let mut hash = [0; 16];
    hash.copy_from_slice(&blake3::hash(&number.to_le_bytes()).as_bytes()[..16]);
    hash
}

fn checkpoint(position: u64) -> Checkpoint {
    let position = GlobalPosition::new(position);
    Checkpoint { log_id: LOG, position, chain: ChainHash::start() }
}

/// Position p is an event of stream p modulo `streams`, and every third begins a command.
fn grow(index: &Index, positions: std::ops::RangeInclusive<u64>, streams: u64) {
    let mut additions = Additions::default();
    let until = *positions.end();
    for number in positions {
        let position = GlobalPosition::new(number);
        let version = StreamVersion::new((number - 1) / streams + 1);
        additions.event(ticket(number % streams), version, position);
        if number % 3 == 0 {
            additions.command(hash(number), position);
        }
    }
    index.extend(&additions, checkpoint(until)).expect("takes it");
}

fn check(index: &Index, until: u64, streams: u64) {
    assert_eq!(index.counts(), (until, until / 3));
    for number in 1..=until + 3 {
        let known = index.command(&hash(number)).expect("reads");
        let there = number % 3 == 0 && number <= until;
        assert_eq!(known, there.then(|| GlobalPosition::new(number)), "command {number}");
    }
    for stream in 0..streams {
        let all: Vec<_> = (1..=until).filter(|number| number % streams == stream).collect();
        let versions = StreamVersion::new(all.len() as u64);
        assert_eq!(index.version(ticket(stream)).expect("reads"), versions);
        for (after, limit) in [(0, usize::MAX), (0, 2), (1, 3), (2, usize::MAX), (all.len(), 5)] {
            let found = index.positions(ticket(stream), StreamVersion::new(after as u64), limit);
            let found: Vec<_> = found
                .expect("reads")
                .iter()
                .map(|(version, position)| (version.get(), position.get()))
                .collect();
            let wanted: Vec<_> = (1..).zip(all.iter().copied()).skip(after).take(limit).collect();
            assert_eq!(found, wanted, "stream {stream} after {after}, at most {limit}");
        }
    }
    assert_eq!(index.version(ticket(streams + 1)).expect("reads"), StreamVersion::ZERO);
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
}

#[test]
fn memory_and_runs_are_read_as_one_before_and_after_reopening() {
    let dir = tempfile::tempdir().expect("a directory");
    let (index, found) = Index::open(dir.path()).expect("opens");
    assert_eq!(found.until, None);
    grow(&index, 1..=400, 17);
    check(&index, 400, 17);
    index.settle();
    check(&index, 400, 17);
    grow(&index, 401..=3_000, 17);
    check(&index, 3_000, 17);
    index.settle();
    drop(index);
    let (index, found) = Index::open(dir.path()).expect("opens again");
    assert_eq!((found.until, found.thrown_away), (Some(checkpoint(3_000)), None));
    check(&index, 3_000, 17);
}

#[test]
fn runs_are_merged_and_nothing_is_lost_by_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let (index, _) = Index::open(dir.path()).expect("opens");
    for run in 0..40 {
        grow(&index, run * 100 + 1..=(run + 1) * 100, 23);
        index.settle();
        let runs = index.shared.state.lock().runs.to_vec();
        if let Some(due) = merge::due(&runs) {
            // The thread in the background does the same in the index's own directory.
            let aside = tempfile::tempdir().expect("a directory");
            let merged = merge::merge(aside.path(), &runs[due.clone()]).expect("merges");
            let merged = merged.expect("there is something to merge");
            assert_eq!(merged.extent.first, runs[due.start].extent.first);
        }
    }
    check(&index, 4_000, 23);
    drop(index);
    let (index, found) = Index::open(dir.path()).expect("opens again");
    assert_eq!(found.until, Some(checkpoint(4_000)));
    check(&index, 4_000, 23);
}

#[test]
fn a_damaged_run_is_thrown_away_with_those_after_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let (index, _) = Index::open(dir.path()).expect("opens");
    for run in 0..3 {
        grow(&index, run * 100 + 1..=(run + 1) * 100, 5);
        index.settle();
    }
    drop(index);
    let second = files(dir.path())[1].clone();
    let mut bytes = std::fs::read(&second).expect("reads");
    bytes[30] ^= 1;
    std::fs::write(&second, bytes).expect("writes");
    let (index, found) = Index::open(dir.path()).expect("opens again");
    assert_eq!(found.until, Some(checkpoint(100)));
    assert!(found.thrown_away.is_some());
    check(&index, 100, 5);
    assert_eq!(files(dir.path()).len(), 1);
}

#[test]
fn a_damaged_block_is_named_with_file_and_offset_and_never_read() {
    let dir = tempfile::tempdir().expect("a directory");
    let (index, _) = Index::open(dir.path()).expect("opens");
    grow(&index, 1..=1_000, 5);
    index.settle();
    drop(index);
    let file = files(dir.path())[0].clone();
    let mut bytes = std::fs::read(&file).expect("reads");
    bytes[4096 + 700] ^= 1;
    std::fs::write(&file, bytes).expect("writes");
    let (index, _) = Index::open(dir.path()).expect("opens again");
    let refused = index.positions(ticket(0), StreamVersion::ZERO, 10);
    let Err(IndexError::Damaged { path, offset, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!((path, offset), (file, 4096));
}

#[test]
fn what_was_left_unfinished_or_merged_already_is_removed_at_the_start() {
    let dir = tempfile::tempdir().expect("a directory");
    let (index, _) = Index::open(dir.path()).expect("opens");
    for run in 0..2 {
        grow(&index, run * 100 + 1..=(run + 1) * 100, 5);
        index.settle();
    }
    let runs = index.shared.state.lock().runs.to_vec();
    merge::merge(dir.path(), &runs).expect("merges");
    drop((index, runs));
    std::fs::write(dir.path().join("x.unfinished"), "half").expect("writes");
    assert_eq!(files(dir.path()).len(), 4);
    let (index, found) = Index::open(dir.path()).expect("opens again");
    assert_eq!((found.until, found.thrown_away), (Some(checkpoint(200)), None));
    check(&index, 200, 5);
    assert_eq!(files(dir.path()).len(), 1);
}

#[test]
fn few_runs_are_left_alone_and_small_ones_between_large_ones_are_merged_too() {
    let dir = tempfile::tempdir().expect("a directory");
    let (index, _) = Index::open(dir.path()).expect("opens");
    let mut until = 0;
    for size in [100, 2, 100, 2, 100, 2, 100] {
        grow(&index, until + 1..=until + size, 5);
        until += size;
        index.settle();
    }
    let runs = index.shared.state.lock().runs.to_vec();
    assert_eq!(merge::due(&runs), None);
    grow(&index, until + 1..=until + 2, 5);
    let fresh = std::mem::take(&mut index.shared.state.lock().fresh);
    let last = fresh.write(dir.path()).expect("writes").expect("a run");
    let all: Vec<_> = runs.into_iter().chain([Arc::new(last)]).collect();
    assert_eq!(merge::due(&all), Some(0..8));
}
