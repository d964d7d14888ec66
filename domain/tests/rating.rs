//! The charges worked out by hand, natively.

#[path = "../src/bin/rating_vectors.rs"]
mod rating_vectors;

#[test]
fn charges_are_those_worked_out_by_hand() {
    rating_vectors::main();
}
