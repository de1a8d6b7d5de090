//! The closure against the edges it is an index of: compared, and set right.

use aws_sdk_dynamodb::types::AttributeValue;
use steward::lineage::{Differences, Edge, Held, Pair, Reach, compare};

use super::Record;
use super::keys::{ANCESTOR, DESCENDANT, EDGE, Key, reached, release_of};
use crate::Problem;

impl Record {
    /// Reads every edge and every pair. It reads the whole table: for repairs, not for questions.
    pub async fn whole_lineage(&self) -> Result<Held, Problem> {
        let doing = "read the whole record";
        let wrong = |key: &str| Problem::not_understood(doing, self.hub, format_args!("{key} is no key of a lineage"));
        let (mut held, mut next) = (Held::default(), None);
        loop {
            let scan = self.client.scan().table_name(&self.table).consistent_read(true);
            let scan = scan
                .projection_expression("pk, sk")
                .filter_expression("begins_with(sk, :edge) OR begins_with(sk, :above) OR begins_with(sk, :below)")
                .expression_attribute_values(":edge", AttributeValue::S(EDGE.to_owned()))
                .expression_attribute_values(":above", AttributeValue::S(ANCESTOR.to_owned()))
                .expression_attribute_values(":below", AttributeValue::S(DESCENDANT.to_owned()));
            let page = Box::pin(scan.set_exclusive_start_key(next).send()).await;
            let page = page.map_err(|error| Problem::of(doing, self.hub, &error))?;
            for item in page.items.unwrap_or_default() {
                let text = |name: &str| {
                    item.get(name)
                        .and_then(|value| value.as_s().ok())
                        .cloned()
                        .unwrap_or_default()
                };
                let (pk, sk) = (text("pk"), text("sk"));
                take(&pk, &sk, &mut held).ok_or_else(|| wrong(&format!("{pk} {sk}")))?;
            }
            match page.last_evaluated_key {
                Some(key) if !key.is_empty() => next = Some(key),
                _ => return Ok(held),
            }
        }
    }

    /// Writes what is missing and deletes what is wrong. An edge that is written meanwhile may have found a pair there that is
    /// deleted: what the edges say afterwards is put back, for nobody looks at a closed edge again.
    pub async fn set_right(&self, differences: &Differences) -> Result<(), Problem> {
        self.put_missing(differences).await?;
        let wrong = [
            (&differences.wrong_at_descendants, Key::ancestor as fn(Pair) -> Key),
            (&differences.wrong_at_ancestors, Key::descendant),
        ];
        for (pairs, key) in wrong {
            for pair in pairs {
                self.delete(key(*pair)).await?;
            }
        }
        if wrong.iter().all(|(pairs, _)| pairs.is_empty()) {
            return Ok(());
        }
        self.put_missing(&compare(&self.whole_lineage().await?)).await
    }

    /// At those below first, as everybody does.
    async fn put_missing(&self, differences: &Differences) -> Result<(), Problem> {
        let missing = [
            (&differences.missing_at_descendants, Key::ancestor as fn(Pair) -> Key),
            (&differences.missing_at_ancestors, Key::descendant),
        ];
        for (pairs, key) in missing {
            for pair in pairs {
                self.put_pair(key(*pair), *pair).await?;
            }
        }
        Ok(())
    }
}

fn take(pk: &str, sk: &str, held: &mut Held) -> Option<()> {
    let this = release_of(pk)?;
    if let Some(parent) = sk.strip_prefix(EDGE) {
        held.edges.insert(Edge {
            parent: parent.parse().ok()?,
            child: this,
        });
        return Some(());
    }
    if let Some(Reach { depth, release }) = reached(sk, ANCESTOR) {
        held.at_descendants.insert(Pair {
            ancestor: release,
            depth,
            descendant: this,
        });
    } else {
        let Reach { depth, release } = reached(sk, DESCENDANT)?;
        held.at_ancestors.insert(Pair {
            ancestor: this,
            depth,
            descendant: release,
        });
    }
    Some(())
}
