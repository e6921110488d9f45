use proptest::prelude::*;

use super::*;
use crate::catalogue::Sheet;
use crate::catalogue::{AccessMode, DeliveryMode};

fn line(kind: LineKind, service: &str, credits: Credits) -> SeenLine {
    SeenLine {
        kind,
        service: service.into(),
        credits,
        level: InteractionLevel::FullTransaction,
        status: ServiceStatus::Published,
    }
}

fn services() -> Services {
    let service = Service {
        code: "pagamento-ici".into(),
        name: "Pagamento ICI".to_owned(),
        area: "tributi".into(),
        summary: "Si paga.".to_owned(),
        keywords: Vec::new(),
        interaction_level: InteractionLevel::FullTransaction,
        access: vec![AccessMode::Web],
        delivery: DeliveryMode::CentralPlatform,
        universal: false,
        price: 9,
        requires: Vec::new(),
        excludes: Vec::new(),
        review_days: 1,
        activation_days: 1,
        owner: String::new(),
        reuse_source: String::new(),
        status: ServiceStatus::Paused,
        status_reason: "In attesa del fornitore".to_owned(),
        repeatable: false,
        milestones: Vec::new(),
        sheet: Sheet::default(),
    };
    Services::from([(service.code.clone(), service)])
}

fn ici() -> ServiceRef {
    ServiceRef { code: "pagamento-ici".into(), name: "Pagamento ICI".to_owned() }
}

#[test]
fn a_figure_is_read_as_it_is_written_and_nothing_else_is() {
    let mut low = line(LineKind::Drop, "wifi", 0);
    (low.level, low.status) = (InteractionLevel::Information, ServiceStatus::Withdrawn);
    for (seen, written) in [
        (Seen::Line(line(LineKind::Add, "pagamento-ici", 3)), "add.pagamento-ici.3.4.published"),
        (Seen::Line(low), "drop.wifi.0.1.withdrawn"),
        (Seen::Available(40), "available.40"),
        (Seen::High(3), "high.3"),
    ] {
        assert_eq!(String::from(seen.clone()), written);
        assert_eq!(Seen::try_from(written.to_owned()), Ok(seen));
    }
    for wrong in [
        "",
        "add",
        "add.wifi",
        "add.wifi.3.4",
        "add.wifi.3.4.published.",
        "add.wifi.3.5.published",
        "add.wifi.x.4.published",
        "add.Wi Fi.3.4.published",
        "add..3.4.published",
        "lend.wifi.3.4.published",
        "add.wifi.3.4.open",
        "available.",
        "available.1.5",
        "high.-1",
        "high.99999999999",
    ] {
        assert!(Seen::try_from(wrong.to_owned()).is_err(), "{wrong}");
    }
}

#[test]
fn every_figure_that_changed_is_named() {
    let seen = [Seen::Line(line(LineKind::Add, "pagamento-ici", 3)), Seen::Available(40), Seen::High(3)];
    let mut changed = line(LineKind::Add, "pagamento-ici", 9);
    (changed.level, changed.status) = (InteractionLevel::Forms, ServiceStatus::Paused);
    let now = [Seen::Line(changed), Seen::Available(38), Seen::High(2)];
    assert_eq!(
        differences(&seen, &now, &services()),
        [
            Difference::Price { service: ici(), seen: 3, now: 9 },
            Difference::Level {
                service: ici(),
                seen: InteractionLevel::FullTransaction,
                now: InteractionLevel::Forms
            },
            Difference::Status {
                service: ici(),
                now: ServiceStatus::Paused,
                reason: "In attesa del fornitore".to_owned()
            },
            Difference::Available { seen: Some(40), now: 38 },
            Difference::High { seen: Some(3), now: 2 },
        ]
    );
    let (seen, now) = (line(LineKind::Drop, "pagamento-ici", 8), line(LineKind::Drop, "pagamento-ici", 5));
    assert_eq!(
        differences(&[Seen::Line(seen)], &[Seen::Line(now)], &services()),
        [Difference::Value { service: ici(), seen: 8, now: 5 }]
    );
}

#[test]
fn what_was_not_seen_and_what_is_gone_is_named() {
    let block = || Seen::Line(line(LineKind::Add, "pagamento-ici", 3));
    let kept = Seen::Line(line(LineKind::Keep, "ignoto", 0));
    let now = [block(), block(), block(), Seen::Available(0)];
    assert_eq!(
        differences(&[block(), kept], &now, &services()),
        [
            Difference::Lines { kind: LineKind::Add, service: ici(), seen: 1, now: 3 },
            Difference::Lines {
                kind: LineKind::Keep,
                service: ServiceRef { code: "ignoto".into(), name: "ignoto".to_owned() },
                seen: 1,
                now: 0
            },
            Difference::Available { seen: None, now: 0 },
        ]
    );
}

#[test]
fn three_blocks_whose_price_changed_are_one_change() {
    let blocks = |price| vec![Seen::Line(line(LineKind::Add, "pagamento-ici", price)); 3];
    assert_eq!(differences(&blocks(3), &blocks(4), &services()).len(), 1);
}

proptest! {
    #[test]
    fn what_is_seen_as_it_is_differs_in_nothing_in_whatever_order(
        lines in prop::collection::vec((0..3_usize, 0..4_u8), 0..12), available in 0_i64..50,
    ) {
        let mut now: Vec<_> = lines
            .into_iter()
            .map(|(kind, service)| Seen::Line(line(LineKind::ALL[kind], &format!("s{service}"), service.into())))
            .chain([Seen::Available(available), Seen::High(2)])
            .collect();
        let seen = now.clone();
        now.reverse();
        prop_assert_eq!(differences(&seen, &now, &Services::new()), vec![]);
    }
}
