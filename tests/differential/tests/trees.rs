//! Random valid models predict the same in C and in Rust.

use differential::{EmlTrees, EmlTreesNode, eml_trees_predict_proba};
use emlearn::trees::{Arrays, Model, TreesHeader, TreesNode};
use proptest::prelude::*;

const FEATURES: usize = 9;
const CLASSES: usize = 5;

#[derive(Clone, Debug)]
struct Forest {
    nodes: Vec<[i16; 4]>,
    roots: Vec<i32>,
    leaves: Vec<u8>,
}

/// Feature, value, left and right of each node; children lie behind it or are leaves.
fn forest() -> impl Strategy<Value = Forest> {
    let sizes = (1..60usize, 1..8usize, 1..20usize);
    sizes.prop_flat_map(|(n_nodes, n_trees, n_leaves)| {
        let child = move |i: usize| {
            let behind = (n_nodes - 1 - i) as i16;
            let leaf = (-(n_leaves as i16)..=-1).boxed();
            if behind > 0 { prop_oneof![leaf, 1..=behind].boxed() } else { leaf }
        };
        let value = prop_oneof![any::<i16>(), -3..4i16, Just(i16::MAX), Just(i16::MIN)];
        let nodes: Vec<_> = (0..n_nodes)
            .map(|i| (0..FEATURES as i16, value.clone(), child(i), child(i)).prop_map(|(f, v, l, r)| [f, v, l, r]))
            .collect();
        let roots = prop::collection::vec(0..n_nodes as i32, n_trees);
        let leaves = prop::collection::vec(0..CLASSES as u8, n_leaves);
        (nodes, roots, leaves).prop_map(|(nodes, roots, leaves)| Forest { nodes, roots, leaves })
    })
}

fn predict_c(forest: &Forest, samples: &[[i16; FEATURES]]) -> Vec<[f32; CLASSES]> {
    let mut nodes: Vec<_> = forest
        .nodes
        .iter()
        .map(|&[f, value, left, right]| EmlTreesNode {
            feature: f as i8,
            value,
            left,
            right,
        })
        .collect();
    let (mut roots, mut leaves) = (forest.roots.clone(), forest.leaves.clone());
    let model = EmlTrees {
        n_nodes: nodes.len() as i32,
        nodes: nodes.as_mut_ptr(),
        n_trees: roots.len() as i32,
        tree_roots: roots.as_mut_ptr(),
        n_leaves: leaves.len() as i32,
        leaves: leaves.as_mut_ptr(),
        leaf_bits: 0,
        n_features: FEATURES as i8,
        n_classes: CLASSES as i8,
    };
    let predict = |sample: &[i16; FEATURES]| {
        let mut out = [0.0; CLASSES];
        // SAFETY: the model's arrays outlive the call and are as long as it says.
        let status = unsafe { eml_trees_predict_proba(&model, sample.as_ptr(), FEATURES as i8, out.as_mut_ptr(), CLASSES as i32) };
        assert_eq!(status, 0);
        out
    };
    samples.iter().map(predict).collect()
}

fn predict_rust(forest: &Forest, samples: &[[i16; FEATURES]]) -> Vec<[f32; CLASSES]> {
    let (n_trees, n_nodes, n_leaves) = (forest.roots.len(), forest.nodes.len(), forest.leaves.len());
    let mut header = TreesHeader::new(&[n_trees as u32, n_nodes as u32, n_leaves as u32]);
    let (mut nodes, mut roots, mut leaves) = (vec![TreesNode::default(); n_nodes], vec![0; n_trees], vec![0; n_leaves]);
    let arrays = Arrays {
        nodes: &mut nodes,
        roots: &mut roots,
        leaves: &mut leaves,
    };
    let mut model = Model {
        header: &mut header,
        arrays,
    };
    let mut add = |name, fields| model.add(u32::from(name), &fields).expect("the record is good");
    add(b'f', [FEATURES as i32, CLASSES as i32, 0, 0]);
    forest.leaves.iter().for_each(|&class| add(b'l', [class.into(), 0, 0, 0]));
    forest.roots.iter().for_each(|&root| add(b'r', [root, 0, 0, 0]));
    let nodes = forest.nodes.iter().map(|node| node.map(i32::from));
    nodes.for_each(|[feature, value, left, right]| add(b'n', [feature, value - 1, left, right]));
    let mut predict = |sample: &[i16; FEATURES]| {
        let mut out = [0.0; CLASSES];
        model.predict(sample, &mut out).expect("the model is valid");
        out
    };
    samples.iter().map(&mut predict).collect()
}

proptest! {
    #[test]
    fn same_votes(forest in forest(), samples in prop::collection::vec(prop::array::uniform9(prop_oneof![any::<i16>(), -3..4i16]), 1..20)) {
        prop_assert_eq!(predict_c(&forest, &samples), predict_rust(&forest, &samples));
    }
}
