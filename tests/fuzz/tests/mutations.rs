//! Models of which some bytes are others: every change of one byte that matters for memory, every truncation, random ones.

use fuzz::{Random, cnn, trees};
use std::{fs, ops::AddAssign};

const RANDOM: usize = 10_000;

#[derive(Default)]
struct Counts {
    models: usize,
    accepted: usize,
}

impl AddAssign<bool> for Counts {
    fn add_assign(&mut self, accepted: bool) {
        self.models += 1;
        self.accepted += usize::from(accepted);
    }
}

/// All of these of a model, with changes of a byte at these places.
fn mutate(name: &str, model: &[u8], places: &[usize], mut try_it: impl FnMut(&[u8]) -> bool) {
    assert!(try_it(model), "{name} is valid");
    let mut counts = Counts::default();
    let mut changed = model.to_vec();
    for &place in places {
        for flip in 1..=255 {
            changed[place] = model[place] ^ flip;
            counts += try_it(&changed);
        }
        changed[place] = model[place];
    }
    for len in 0..model.len() {
        counts += try_it(&model[..len]);
    }
    let mut random = Random(7);
    for _ in 0..RANDOM {
        let mut changed = model.to_vec();
        random.mutate(&mut changed);
        counts += try_it(&changed);
    }
    println!("{:>8} mutations of {name}, {} of them accepted", counts.models, counts.accepted);
    assert!(counts.accepted > 0 && counts.accepted < counts.models);
}

fn network(name: &str) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/cnn");
    let model = fs::read(format!("{folder}/{name}.tmdl")).expect("the model is there");
    // The header, and of each layer the head and what comes before its arrays.
    let mut places: Vec<usize> = (0..64).collect();
    let mut start = 64;
    while start < model.len() {
        let size = u32::from_le_bytes(*model[start + 4..].first_chunk().expect("a head")) as usize;
        places.extend(start..start + size.min(48 + 32));
        start += size;
    }
    let is_float = name.ends_with("fp32");
    mutate(name, &model, &places, |model| cnn(model, is_float, 0));
}

#[test]
fn plain_int8() {
    network("plain_int8");
}

#[test]
fn residual_int8() {
    network("residual_int8");
}

#[test]
fn plain_fp32() {
    network("plain_fp32");
}

#[test]
fn residual_fp32() {
    network("residual_fp32");
}

fn text(name: &str, text: &str) {
    let places: Vec<usize> = (0..text.len()).collect();
    for block in [256, 7] {
        mutate(&format!("{name} in blocks of {block}"), text.as_bytes(), &places, |text| {
            trees(text, block, [3, 8, 8])
        });
    }
}

const NODES: &str = "r,0\nr,3\nn,0,16383.5,1,2\nn,1,-3.25,-1,-2\nn,2,1e3,-2,-3\nn,0,0,1,-4\nn,1,-0.5,-4,-1\n";

#[test]
fn hard_leaves() {
    text("hard leaves", &format!("f,3\nc,3\nlb,0\nl,0\nl,1\nl,2\nl,1\n{NODES}"));
}

#[test]
fn soft_leaves() {
    text(
        "soft leaves",
        &format!("f,3\nc,3\nlb,8\nl,[  0 255   0]\nl,[ 51\n   0 204]\nl,255,0,0\nl,[0 0 255]\n{NODES}"),
    );
}

#[test]
fn regression() {
    text(
        "regression",
        &format!("f,3\r\nc,0\r\nlb,32\r\nl,0.25\r\nl,-1.5e-3\r\nl,1234567.5\r\nl,-0\r\n{NODES}"),
    );
}
