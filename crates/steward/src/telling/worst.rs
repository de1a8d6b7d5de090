use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::{Vulnerability, VulnerabilityId};

/// As scanners name the severities that Image Builder counts, from the least; what they name otherwise is below.
const SEVERITIES: [&str; 4] = ["LOW", "MEDIUM", "HIGH", "CRITICAL"];

/// Vulnerabilities, the worst first: where there is no room for all, these are told.
pub(super) fn worst_first(found: &BTreeMap<VulnerabilityId, Vulnerability>) -> Vec<(&VulnerabilityId, &Vulnerability)> {
    let mut found: Vec<_> = found.iter().collect();
    found.sort_by_key(|(_, found)| {
        let named = |name: &&str| name.eq_ignore_ascii_case(found.severity.as_str());
        Reverse(SEVERITIES.iter().position(named))
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_come_first_and_those_alike_by_their_names() {
        let found = [
            ("CVE-2026-1", "low"),
            ("CVE-2026-2", "UNTRIAGED"),
            ("CVE-2026-3", "CRITICAL"),
            ("CVE-2026-4", "HIGH"),
            ("CVE-2026-5", "Critical"),
        ];
        let found = found.map(|(id, severity)| {
            let found = Vulnerability {
                severity: severity.into(),
                packages: Vec::new(),
                published: None,
            };
            (id.parse().unwrap(), found)
        });
        let found = BTreeMap::from(found);
        let ids: Vec<String> = worst_first(&found).into_iter().map(|(id, _)| id.to_string()).collect();
        assert_eq!(ids, [3, 5, 4, 1, 2].map(|n| format!("CVE-2026-{n}")));
    }
}
