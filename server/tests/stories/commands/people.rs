//! Roles from day to day, and what the security log has of the commands.

use super::{Machine, has};

#[test]
fn roles_are_given_and_taken_away_by_day() {
    let machine = Machine::furnished();
    let person = ["--role", "officer", "--body", "013250", "--email", "referente@example.org"];
    let create = |days: &[&'static str]| [&["create-person"], &person[..], days].concat();
    let end = |days: &[&'static str]| [&["end-role"], &person[..], days].concat();
    has(&machine.refuses(&create(&["--until", "2020-01-01"])), "--until must not come before --from");
    has(&machine.refuses(&create(&["--from", "2020-01-01"])), "a role begins today or later");
    has(&machine.refuses(&create(&["--from", "oggi"])), "a day such as 2026-11-30 is expected");
    has(&machine.refuses(&end(&[])), "Nobody signs in as referente@example.org.");
    let said = machine.does(&create(&["--until", "2099-01-31"]));
    has(&said, "with the role “Referente, Comune di Bellagio” until the end of 2099-01-31.");
    let said = machine.does(&create(&["--from", "2099-02-01", "--until", "2099-12-31"]));
    has(
        &said,
        "will hold the role “Referente, Comune di Bellagio” from 2099-02-01 until the end of 2099-12-31;",
    );
    has(&machine.refuses(&end(&["--on", "2020-01-01"])), "a role ends now or later");
    has(
        &machine.refuses(&end(&["--on", "2099-12-31"])),
        "or it ends before that already: nothing was changed.",
    );
    let said = machine.does(&end(&["--on", "2098-12-31"]));
    has(&said, "holds the role “Referente, Comune di Bellagio” until the end of 2098-12-31.");
    has(&said, "No role is left after that");
    has(&machine.does(&end(&[])), "no longer holds the role “Referente, Comune di Bellagio”.");
    has(&machine.refuses(&end(&[])), "does not hold the role “Referente, Comune di Bellagio”");
    machine.does(&["create-admin", "--email", "capo@example.org"]);
    let admin = ["end-role", "--role", "administrator", "--email", "capo@example.org"];
    has(&machine.refuses(&admin), "capo@example.org would be the last administrator");
    has(&machine.does(&[&admin[..], &["--force"]].concat()), "no longer holds the role “Amministratore, ");
}

#[test]
fn the_security_log_is_exported_by_day_in_two_forms() {
    let machine = Machine::furnished();
    let person = ["--role", "officer", "--body", "013250", "--email", "referente@example.org"];
    machine.does(&[&["create-person"], &person[..]].concat());
    machine.does(&[&["end-role"], &person[..]].concat());
    machine.does(&["reset-password", "--email", "referente@example.org"]);
    let csv = machine.does(&["security-log", "export"]);
    let mut lines = csv.lines();
    has(lines.next().unwrap_or_default(), "id,at,kind,actor,actor_name,source,operation,body,subject_kind");
    let rows: Vec<_> = lines.collect();
    for (row, part) in rows.iter().zip([
        ",done,,,command,create-aggregator,",
        ",done,,,command,import comuni,",
        ",done,,,command,import catalogue,",
        ",done,,,command,import joined,",
        ",role,,,command,create-person,",
        ",role,,,command,end-role,",
        ",password,,,command,reset-password,,person,1,done,0,1",
    ]) {
        has(row, part);
    }
    has(rows[4], ",person,1,officer given from ");
    has(rows[5], ",person,1,officer ended from ");
    assert!(!csv.contains('@'), "no address:\n{csv}");
    // Whoever exports it is in it the next time.
    let json = machine.does(&["security-log", "export", "--format", "jsonl"]);
    let last = json.lines().last().expect("a line");
    let event: serde_json::Value = serde_json::from_str(last).expect("JSON");
    assert_eq!((&event["kind"], &event["source"]), (&"personal_data".into(), &"command".into()));
    assert_eq!(machine.does(&["security-log", "export", "--from", "2099-01-01"]).lines().count(), 1);
    has(&machine.refuses(&["security-log", "export", "--from", "2026-01-02", "--to", "2026-01-01"]), "to: ");
    has(
        &machine.refuses(&["security-log", "export", "--to", "ieri"]),
        "a day such as 2026-11-30 is expected",
    );
}
