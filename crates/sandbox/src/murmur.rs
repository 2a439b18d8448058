//! Document routing: the hash by which Elasticsearch chooses a shard.

/// Murmur3 (x86, 32 bits, seed 0) over the UTF-16LE bytes of the routing value, as
/// Elasticsearch computes it.
fn murmur3(text: &str) -> i32 {
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut hash = 0_u32;
    let mut chunks = bytes.chunks_exact(4);
    for chunk in &mut chunks {
        let word = u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]);
        hash ^= scramble(word);
        hash = hash.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    let rest = chunks.remainder();
    if !rest.is_empty() {
        let word = rest.iter().rev().fold(0_u32, |word, byte| (word << 8) | u32::from(*byte));
        hash ^= scramble(word);
    }
    // The length counts in bytes; ids are far shorter than 4 GiB.
    hash ^= u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    hash ^= hash >> 16;
    hash = hash.wrapping_mul(0x85eb_ca6b);
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(0xc2b2_ae35);
    (hash ^ (hash >> 16)).cast_signed()
}

fn scramble(word: u32) -> u32 {
    word.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593)
}

/// The shard of a document in an index of `shards` shards routed over `routing_shards`.
pub(super) fn shard_of(routing: &str, shards: usize, routing_shards: usize) -> usize {
    let spread = i32::try_from(routing_shards).unwrap_or(1);
    let slot = murmur3(routing).rem_euclid(spread);
    usize::try_from(slot).unwrap_or(0) / (routing_shards / shards)
}

#[cfg(test)]
mod tests {
    use super::shard_of;

    #[test]
    fn ids_land_where_real_servers_put_them() {
        // Five documents on each of two shards, as recorded from 6.8.23.
        let old: Vec<usize> = (0..10).map(|id| shard_of(&id.to_string(), 2, 2)).collect();
        assert_eq!(old, [0, 1, 1, 0, 1, 1, 1, 0, 0, 0]);
        // Seven and three, as recorded from 8.19.21.
        let new: Vec<usize> = (0..10).map(|id| shard_of(&id.to_string(), 2, 1024)).collect();
        assert_eq!(new, [1, 0, 0, 0, 1, 0, 0, 0, 1, 0]);
    }
}
