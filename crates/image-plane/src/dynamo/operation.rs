//! The operations of DynamoDB the model answers for.

/// One of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operation {
    BatchGetItem,
    BatchWriteItem,
    CreateTable,
    DeleteItem,
    DeleteTable,
    DescribeTable,
    GetItem,
    PutItem,
    Query,
    Scan,
    TransactGetItems,
    TransactWriteItems,
    UpdateItem,
    UpdateTimeToLive,
}

impl Operation {
    const ALL: [Self; 14] = [
        Self::BatchGetItem,
        Self::BatchWriteItem,
        Self::CreateTable,
        Self::DeleteItem,
        Self::DeleteTable,
        Self::DescribeTable,
        Self::GetItem,
        Self::PutItem,
        Self::Query,
        Self::Scan,
        Self::TransactGetItems,
        Self::TransactWriteItems,
        Self::UpdateItem,
        Self::UpdateTimeToLive,
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.name() == name)
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::BatchGetItem => "BatchGetItem",
            Self::BatchWriteItem => "BatchWriteItem",
            Self::CreateTable => "CreateTable",
            Self::DeleteItem => "DeleteItem",
            Self::DeleteTable => "DeleteTable",
            Self::DescribeTable => "DescribeTable",
            Self::GetItem => "GetItem",
            Self::PutItem => "PutItem",
            Self::Query => "Query",
            Self::Scan => "Scan",
            Self::TransactGetItems => "TransactGetItems",
            Self::TransactWriteItems => "TransactWriteItems",
            Self::UpdateItem => "UpdateItem",
            Self::UpdateTimeToLive => "UpdateTimeToLive",
        }
    }

    pub(super) const fn mutates(self) -> bool {
        match self {
            Self::BatchGetItem
            | Self::DescribeTable
            | Self::GetItem
            | Self::Query
            | Self::Scan
            | Self::TransactGetItems => false,
            Self::BatchWriteItem
            | Self::CreateTable
            | Self::DeleteItem
            | Self::DeleteTable
            | Self::PutItem
            | Self::TransactWriteItems
            | Self::UpdateItem
            | Self::UpdateTimeToLive => true,
        }
    }

    /// Whether it is about tables, not about what is in them.
    pub(super) const fn of_tables(self) -> bool {
        matches!(
            self,
            Self::CreateTable | Self::DeleteTable | Self::DescribeTable | Self::UpdateTimeToLive
        )
    }
}
