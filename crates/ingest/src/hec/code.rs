//! The codes of the protocol, with their texts.

/// What a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// Taken.
    Success,
    /// The token is switched off.
    TokenDisabled,
    /// There is none.
    TokenRequired,
    /// The header is of another kind.
    InvalidAuthorization,
    /// Nobody has this token.
    InvalidToken,
    /// The body is empty.
    NoData,
    /// The body is not in the protocol's form.
    InvalidData,
    /// The token may not write there.
    IncorrectIndex,
    /// A defect of ours.
    Internal,
    /// The disk is full, or the lake does not keep up.
    Busy,
    /// The channel is missing.
    NoChannel,
    /// The channel is no GUID.
    InvalidChannel,
    /// There is no `event`.
    EventRequired,
    /// It is empty.
    EventBlank,
    /// The token does not acknowledge.
    AckDisabled,
    /// The fields are nested, or the time is no number.
    IndexedFields,
    /// The token may not stand in the address.
    NoQueryString,
    /// All is well.
    Healthy,
    /// Nothing can be taken now.
    QueuesFull,
    /// The server is about to end.
    ShuttingDown,
}

impl Code {
    /// The number in the answer.
    #[must_use]
    pub fn number(self) -> u16 {
        match self {
            Self::Success => 0,
            Self::TokenDisabled => 1,
            Self::TokenRequired => 2,
            Self::InvalidAuthorization => 3,
            Self::InvalidToken => 4,
            Self::NoData => 5,
            Self::InvalidData => 6,
            Self::IncorrectIndex => 7,
            Self::Internal => 8,
            Self::Busy => 9,
            Self::NoChannel => 10,
            Self::InvalidChannel => 11,
            Self::EventRequired => 12,
            Self::EventBlank => 13,
            Self::AckDisabled => 14,
            Self::IndexedFields => 15,
            Self::NoQueryString => 16,
            Self::Healthy => 17,
            Self::QueuesFull => 18,
            Self::ShuttingDown => 23,
        }
    }

    /// The text in the answer.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::TokenDisabled => "Token disabled",
            Self::TokenRequired => "Token is required",
            Self::InvalidAuthorization => "Invalid authorization",
            Self::InvalidToken => "Invalid token",
            Self::NoData => "No data",
            Self::InvalidData => "Invalid data format",
            Self::IncorrectIndex => "Incorrect index",
            Self::Internal => "Internal server error",
            Self::Busy => "Server is busy",
            Self::NoChannel => "Data channel is missing",
            Self::InvalidChannel => "Invalid data channel",
            Self::EventRequired => "Event field is required",
            Self::EventBlank => "Event field cannot be blank",
            Self::AckDisabled => "ACK is disabled",
            Self::IndexedFields => "Error in handling indexed fields",
            Self::NoQueryString => "Query string authorization is not enabled",
            Self::Healthy => "HEC is healthy",
            Self::QueuesFull => "HEC is unhealthy, queues are full",
            Self::ShuttingDown => "Server is shutting down",
        }
    }

    /// The reason under which a refusal is counted.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::TokenDisabled
            | Self::TokenRequired
            | Self::InvalidAuthorization
            | Self::InvalidToken
            | Self::NoQueryString => "token",
            Self::NoChannel | Self::InvalidChannel | Self::AckDisabled => "channel",
            Self::NoData => "no-data",
            Self::InvalidData => "invalid-data",
            Self::IncorrectIndex => "index",
            Self::EventRequired | Self::EventBlank => "no-event",
            Self::IndexedFields => "fields",
            Self::Busy | Self::QueuesFull => "busy",
            Self::ShuttingDown => "shutting-down",
            Self::Success | Self::Healthy | Self::Internal => "internal",
        }
    }
}
