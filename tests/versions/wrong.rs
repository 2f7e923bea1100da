//! A wrong pair of crates and a wrong form do not compile, and the message names the crates.

#[test]
fn a_wrong_pair_of_crates_or_a_wrong_form_does_not_compile() {
    trybuild::TestCases::new().compile_fail(concat!(env!("WRONG"), "/*.rs"));
}
