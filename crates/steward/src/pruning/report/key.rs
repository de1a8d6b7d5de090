use super::PruningReport;

/// What all of pruning's keys begin with: more than this nobody who plans may write.
const PREFIX: &str = "pruning";

impl PruningReport<'_> {
    /// Under which key of the reports bucket its document lies: a family's keys sort by time.
    pub fn document_key(&self) -> String {
        format!("{}.json", self.stem())
    }

    /// Under which its page lies.
    pub fn page_key(&self) -> String {
        format!("{}.md", self.stem())
    }

    fn stem(&self) -> String {
        let at = self.at.to_jiff().strftime("%Y-%m-%d/%H-%M-%SZ");
        format!("{PREFIX}/{}/{at}-{}", self.plan.family, self.plan.digest())
    }
}
