//! Random items and queries have the same neighbours in C and in Rust.
//!
//! Inputs stay where C is right: squared distances below 2^30, beyond which its square root never ends, labels from 0 to 9,
//! and no more neighbours than items.

use differential::{EmlNeighborsDistanceItem, EmlNeighborsModel, eml_neighbors_add_item, eml_neighbors_find_nearest, eml_neighbors_infer};
use emlearn::neighbors::{Model, NeighborsHeader};
use proptest::{collection::vec, prelude::*};

const FEATURES: usize = 7;
/// `FEATURES * (2 * SPAN)^2` is below 2^30.
const SPAN: i16 = 6000;

type Values = [i16; FEATURES];

fn values() -> impl Strategy<Value = Values> {
    prop_oneof![prop::array::uniform7(-SPAN..=SPAN), prop::array::uniform7(-2i16..3)]
}

/// The predicted label; and all items as distance and index, nearest first.
type Prediction = (i32, Vec<(u32, u32)>);

fn predict_c(items: &[(Values, i16)], query: &Values, k: usize) -> Prediction {
    let n = items.len();
    let (mut data, mut labels) = (vec![0; n * FEATURES], vec![0; n]);
    let mut model = EmlNeighborsModel {
        n_features: FEATURES as u16,
        n_items: 0,
        max_items: n as i16,
        data: data.as_mut_ptr(),
        labels: labels.as_mut_ptr(),
        k_neighbors: k as i16,
    };
    let mut ranking = vec![EmlNeighborsDistanceItem { index: 0, distance: 0 }; n];
    let mut label = -1;
    // SAFETY: the arrays outlive the calls and have as many items as the model and the arguments say.
    let statuses = unsafe {
        for (values, label) in items {
            assert_eq!(eml_neighbors_add_item(&mut model, values.as_ptr(), FEATURES as i16, *label), 0);
        }
        [
            eml_neighbors_infer(&mut model, query.as_ptr(), FEATURES as i32, ranking.as_mut_ptr(), n as i32),
            eml_neighbors_find_nearest(&mut model, ranking.as_mut_ptr(), n as i32, k as i32, &mut label),
        ]
    };
    assert_eq!(statuses, [0, 0]);
    (
        label.into(),
        ranking.iter().map(|item| (item.distance, item.index as u32)).collect(),
    )
}

fn predict_rust(items: &[(Values, i16)], query: &Values, k: usize) -> Prediction {
    let mut header = NeighborsHeader::new(items.len() as u16, FEATURES as u16, k as u16);
    let mut ranks = vec![0; items.len()];
    let mut rows = query.to_vec();
    for (values, _) in items {
        rows.push(0);
        rows.extend(values);
    }
    let mut model = Model {
        header: &mut header,
        ranks: &mut ranks,
        rows: &mut rows,
    };
    for &(_, label) in items {
        model.add(label).expect("there is room");
    }
    let label = model.predict().expect("there are k items");
    let results = (0..items.len() as u32).map(|i| model.result(i));
    (label, results.map(|result| (result.distance, result.index)).collect())
}

proptest! {
    // The only test of this file: C counts votes in a global array.
    #[test]
    fn same_neighbours(items in vec((values(), 0i16..10), 1..50), queries in vec(values(), 1..10), k in any::<prop::sample::Index>()) {
        let k = 1 + k.index(items.len());
        for query in &queries {
            let ((label_c, mut c), (label_rust, mut rust)) = (predict_c(&items, query, k), predict_rust(&items, query, k));
            let distances = |ranking: &[(u32, u32)]| ranking.iter().map(|item| item.0).collect::<Vec<_>>();
            prop_assert_eq!(distances(&c), distances(&rust));
            // C ranks by distances that are rounded already, and equal ones in any order, so which of them vote is open.
            if k == items.len() || c[k - 1].0 != c[k].0 {
                prop_assert_eq!(label_c, label_rust);
            }
            c.sort();
            rust.sort();
            prop_assert_eq!(c, rust);
        }
    }
}
