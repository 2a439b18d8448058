use super::*;

const GB: u64 = 1024 * 1024 * 1024;

fn percent(percent: f64) -> Watermark {
    Watermark::UsedPercent { percent, headroom_bytes: None }
}

/// Nodes with disks of 100 GB, of which so much is free, and the server's own watermarks.
fn room(available_gb: &[u64]) -> Capacity {
    let disk = |gb: &u64| Disk { available_bytes: gb * GB, total_bytes: 100 * GB };
    Capacity {
        disks: available_gb.iter().map(disk).collect(),
        low: Some(percent(85.0)),
        high: Some(percent(90.0)),
        shards_per_node: Some(1_000),
    }
}

fn index(gb: u64, shards: u32, replicas: &str) -> Index {
    let copies = 1 + replicas.parse::<u64>().unwrap();
    Index {
        shard_count: shards,
        replicas: replicas.to_owned(),
        primaries_bytes: Some(gb * GB),
        stored_bytes: Some(gb * GB * copies),
        ..Index::default()
    }
}

fn short_of_disk(room: &Capacity, copies: &[Incoming]) -> Option<(u64, u64)> {
    room.shortages(copies, 0, Claim::default()).into_iter().find_map(|shortage| match shortage {
        Shortage::Disk { needed_bytes, spare_bytes } => Some((needed_bytes / GB, spare_bytes / GB)),
        Shortage::Shards { .. } => None,
    })
}

#[test]
fn watermarks_are_read_as_percent_ratio_and_size() {
    assert_eq!(Watermark::read("85%", None), Some(percent(85.0)));
    assert_eq!(Watermark::read("0.75", None), Some(percent(75.0)));
    assert_eq!(Watermark::read("50gb", None), Some(Watermark::FreeBytes(50 * GB)));
    assert_eq!(Watermark::read("110%", None), None);
    assert_eq!(Watermark::read("plenty", None), None);
}

#[test]
fn a_large_disk_keeps_no_more_free_than_the_headroom() {
    let mark = Watermark::read("90%", Some("150GB")).unwrap();
    assert_eq!(mark.free_bytes(1_000 * GB) / GB, 99);
    assert_eq!(mark.free_bytes(20_000 * GB) / GB, 150);
    let mark = Watermark::read("90%", Some("-1")).unwrap();
    assert_eq!(mark.free_bytes(20_000 * GB) / GB, 1_999);
}

#[test]
fn new_copies_need_their_whole_size_with_replicas_below_the_high_watermark() {
    let copies = [Incoming::of(&index(20, 2, "1"), None, 2).unwrap()];
    assert_eq!(short_of_disk(&room(&[30, 30]), &copies), None, "twice 20, and twice 20");
    assert_eq!(short_of_disk(&room(&[30, 29]), &copies), Some((40, 39)));
}

#[test]
fn a_replica_without_a_node_takes_no_disk_and_counts_as_a_shard() {
    let copy = Incoming::of(&index(20, 2, "1"), None, 1).unwrap();
    assert_eq!((copy.bytes / GB, copy.placed_shards, copy.shards), (20, 2, 4));
}

#[test]
fn a_node_past_its_low_watermark_is_given_nothing() {
    assert_eq!(room(&[14, 40]).spare_bytes() / GB, 30);
    let without = Capacity { low: None, ..room(&[14, 40]) };
    assert_eq!(without.spare_bytes() / GB, 34);
    let unheeded = Capacity { low: None, high: None, ..room(&[14, 40]) };
    assert_eq!(unheeded.spare_bytes() / GB, 54);
}

#[test]
fn copies_that_go_over_others_need_room_for_as_many_shards_as_are_made_at_once() {
    let index = index(5, 1, "0");
    let copies = [Incoming::of(&index, Some(&index), 1).unwrap(); 10];
    assert_eq!(short_of_disk(&room(&[41]), &copies), None, "six of ten at a time");
    assert_eq!(short_of_disk(&room(&[39]), &copies), Some((30, 29)));
}

#[test]
fn what_a_copy_has_grown_by_is_needed_too_and_what_another_has_shrunk_by_is_not_counted() {
    let (small, large) = (index(2, 1, "0"), index(8, 1, "0"));
    let copies = [
        Incoming::of(&large, Some(&small), 1).unwrap(),
        Incoming::of(&small, Some(&large), 1).unwrap(),
    ];
    assert_eq!(short_of_disk(&room(&[16]), &copies), Some((10, 6)), "6, and 2 twice each");
}

#[test]
fn of_a_leader_whose_size_is_not_known_nothing_is_said() {
    assert_eq!(Incoming::of(&Index::default(), None, 1), None);
}

#[test]
fn new_copies_are_held_against_the_shard_limit_and_replacements_are_not() {
    let index = index(0, 2, "1");
    let new = Incoming::of(&index, None, 1).unwrap();
    let room = Capacity { shards_per_node: Some(10), ..room(&[50]) };
    assert_eq!(room.shortages(&[new], 6, Claim::default()), []);
    let short = Shortage::Shards { needed: 4, open: 7, limit: 10 };
    assert_eq!(room.shortages(&[new], 7, Claim::default()), [short]);
    let over = Incoming::of(&index, Some(&index), 1).unwrap();
    assert_eq!(room.shortages(&[over], 10, Claim::default()), [], "one for one");
    let only_warns = Capacity { shards_per_node: None, ..room };
    assert_eq!(only_warns.shortages(&[new], 10, Claim::default()), []);
}

#[test]
fn what_copies_before_these_take_for_good_is_not_there_for_them() {
    let copies = [Incoming::of(&index(20, 2, "0"), None, 1).unwrap()];
    let mut room = room(&[60]);
    assert_eq!(room.shortages(&copies, 0, Claim::of(&copies)), []);
    room.shards_per_node = Some(3);
    let twice = [copies[0], copies[0]];
    let short = room.shortages(&copies, 0, Claim::of(&twice));
    assert!(matches!(
        short[..],
        [Shortage::Disk { .. }, Shortage::Shards { needed: 2, open: 4, limit: 3 }]
    ));
}
