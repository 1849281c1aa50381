use serde_json::{Value, json};

use super::*;

fn arrears() -> Value {
    json!({
        "version": 1,
        "signal": "RENT_ARREARS",
        "basis": "STATUTORY_DUTY",
        "article": "BGS_RENT_ARREARS",
        "resident": {"name": "Ans (verzonnen)", "address": "Dorpsstraat 1, Schijndel", "telephone": "06-00000000"},
        "arrears": {"amount_band": "FROM_500_TO_1000", "months": 3},
        "sender": {"name": "K. Bakker", "function": "incasso", "callback": "0412-000000"},
        "resident_informed": {"informed": true, "on": "2026-11-20"}
    })
}

fn neglect() -> Value {
    let mut form = arrears();
    form["signal"] = json!("DWELLING_NEGLECT");
    form["basis"] = json!("CONFLICT_OF_DUTIES");
    let fields = form.as_object_mut().expect("an object");
    fields.remove("article");
    fields.remove("arrears");
    form["observation"] = json!({
        "observed_on": "2026-11-19",
        "severity": 3,
        "fact": "De gang staat vol, het fornuis is niet te bereiken.",
        "interpretation": "Brandgevaar."
    });
    form
}

fn parse(form: &Value) -> Result<SignalForm, Error> {
    SignalForm::parse(form.to_string().as_bytes())
}

#[test]
fn whole_forms_give_their_scope_and_print_nothing() {
    let form = parse(&arrears()).expect("a form");
    let scope = form.scope().expect("a scope");
    assert_eq!(scope.purposes(), CodeSet::EMPTY.with(Purpose::Signal));
    assert_eq!(
        scope.data_kinds(),
        CodeSet::EMPTY.with(DataKind::Contact).with(DataKind::Financial)
    );
    assert_eq!(format!("{form:?}"), "SignalForm(…)");
    let scope = parse(&neglect()).expect("a form").scope().expect("a scope");
    assert!(scope.data_kinds().contains(DataKind::Situation));
}

#[test]
fn where_the_law_gives_no_room_for_a_reason_there_is_none() {
    for (pointer, field) in [
        ("", "reason"),
        ("", "question"),
        ("", "observation"),
        ("/arrears", "reason"),
        ("/arrears", "text"),
        ("/arrears", "amount"),
        ("/resident", "diagnosis"),
        ("/resident", "bsn"),
    ] {
        let mut form = arrears();
        form.pointer_mut(pointer).expect("there")[field] = json!("Ans drinkt weer.");
        assert!(parse(&form).is_err(), "{pointer}/{field}");
    }
    // Nor in the lines that there are.
    let story = "Ans drinkt weer. ".repeat(20);
    for pointer in [
        "/resident/name",
        "/resident/address",
        "/resident/telephone",
        "/resident/email",
        "/arrears/amount_band",
        "/sender/function",
    ] {
        let mut form = arrears();
        form["resident"]["email"] = json!("ans@example.org");
        *form.pointer_mut(pointer).expect("there") = json!(story);
        assert!(parse(&form).is_err(), "{pointer}");
    }
    let mut lines = arrears();
    lines["resident"]["address"] = json!("Dorpsstraat 1\nAns drinkt weer");
    assert!(parse(&lines).is_err());
}

#[test]
fn what_a_form_lacks_or_says_wrongly_is_refused() {
    for (pointer, bad) in [
        ("/version", json!(2)),
        ("/signal", json!("NEIGHBOUR")),
        ("/basis", json!("CONVENANT")),
        ("/article", json!("")),
        ("/article", json!("WMO")),
        ("/resident/name", json!(" ")),
        ("/arrears", Value::Null),
        ("/arrears/months", json!(0)),
        ("/arrears/months", json!(61)),
        ("/arrears/amount_band", json!("2375")),
        ("/sender/callback", json!("")),
        ("/resident_informed/on", json!("gisteren")),
    ] {
        let mut form = arrears();
        *form.pointer_mut(pointer).expect("in the form") = bad.clone();
        assert!(parse(&form).is_err(), "{pointer} = {bad}");
    }
    for (pointer, bad) in [
        ("/observation/severity", json!(4)),
        ("/observation/severity", json!(0)),
        ("/observation/fact", json!(" ")),
        ("/observation/fact", json!("x".repeat(1001))),
        ("/observation/observed_on", json!("")),
        ("/observation", Value::Null),
    ] {
        let mut form = neglect();
        *form.pointer_mut(pointer).expect("in the form") = bad.clone();
        assert!(parse(&form).is_err(), "{pointer} = {bad}");
    }
    let mut eviction = arrears();
    eviction["arrears"]["eviction_on"] = json!("2026-12-20");
    assert!(
        parse(&eviction).is_err(),
        "no eviction threatens by arrears alone"
    );
    eviction["signal"] = json!("EVICTION_RISK");
    assert!(parse(&eviction).is_ok());
    let mut unreachable = arrears();
    unreachable["resident"] = json!({"name": "Ans (verzonnen)"});
    assert!(parse(&unreachable).is_err());
}

#[test]
fn a_form_knows_between_whom_it_may_go() {
    use OrganisationKind::{Gp, Housing, Municipality, Welfare};
    let form = parse(&arrears()).expect("a form");
    assert!(form.check_way(Housing, Municipality).is_ok());
    for (sender, recipient) in [
        (Housing, Welfare),
        (Welfare, Municipality),
        (Municipality, Housing),
    ] {
        assert!(form.check_way(sender, recipient).is_err());
    }
    let form = parse(&neglect()).expect("a form");
    assert!(form.check_way(Gp, Welfare).is_ok());
    assert!(form.check_way(Welfare, Gp).is_err());
}
