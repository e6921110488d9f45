//! What each body was given in a call.

use model::assignment::Explanation;
use model::catalogue::PackageItem;
use model::credits::Credits;
use model::ids::{BodyId, CallId, PackageCode};

use crate::database::row::row;
use crate::{StoreResult, Transaction, from_json, to_json};

row! {
    pub struct AssignmentRow of "assignment" {
        pub body: BodyId,
        pub package: PackageCode,
        pub credits: Credits,
        explanation: String,
        pub by_hand: bool,
    }
}

impl AssignmentRow {
    pub fn explanation(&self) -> StoreResult<Explanation> {
        from_json(&self.explanation, "assignment.explanation")
    }
}

impl Transaction {
    /// The assignments of a call.
    pub async fn assignments(&mut self, call: CallId) -> StoreResult<Vec<AssignmentRow>> {
        self.all(
            self.sql(
                "SELECT body, package, credits, explanation, by_hand FROM assignment
             WHERE aggregator = $1 AND call = $2",
            )
            .bind(call),
        )
        .await
    }

    /// Gives a package, or another one in its place.
    pub async fn save_assignment(
        &mut self,
        call: CallId,
        body: BodyId,
        package: &str,
        credits: Credits,
        explanation: &Explanation,
        by_hand: bool,
        items: &[PackageItem],
    ) -> StoreResult<()> {
        self.run(
            self.sql(
                "INSERT INTO assignment (aggregator, call, body, package, credits, explanation, by_hand)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (call, body) DO UPDATE SET package = excluded.package, credits = excluded.credits,
                 explanation = excluded.explanation, by_hand = excluded.by_hand",
            )
            .bind(call)
            .bind(body)
            .bind(package)
            .bind(credits)
            .bind(to_json(explanation))
            .bind(by_hand),
        )
        .await?;
        self.run(
            self.sql("DELETE FROM assigned_item WHERE aggregator = $1 AND call = $2 AND body = $3")
                .bind(call)
                .bind(body),
        )
        .await?;
        let rows: Vec<_> = (0_i64..)
            .zip(items)
            .map(|(position, item)| {
                [
                    call.0.into(),
                    body.0.into(),
                    position.into(),
                    item.service.as_str().into(),
                    item.value.into(),
                ]
            })
            .collect();
        self.run_rows(
            "INSERT INTO assigned_item (aggregator, call, body, position, service, value) VALUES {rows}",
            &rows,
        )
        .await?;
        Ok(())
    }

    /// From now on the rule leaves this body alone.
    pub async fn mark_by_hand(&mut self, call: CallId, body: BodyId) -> StoreResult<()> {
        self.run(
            self.sql(
                "UPDATE assignment SET by_hand = TRUE WHERE aggregator = $1 AND call = $2 AND body = $3",
            )
            .bind(call)
            .bind(body),
        )
        .await?;
        Ok(())
    }
}
