//! What goes wrong with a call, and the kind by which callers decide what to do about it.

/// Why a call did not succeed, after it was repeated as often as that helps.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AwsError {
    /// The service refused.
    #[error("{service} answered {status} {code}: {message}")]
    Service {
        /// The service's name.
        service: &'static str,
        /// The HTTP status.
        status: u16,
        /// AWS's code of the error.
        code: String,
        /// What it says.
        message: String,
        /// The region in which the bucket is, where the answer names it.
        region: Option<String>,
    },
    /// There are no credentials, or they can't be had.
    #[error("no AWS credentials: {0}")]
    Credentials(String),
    /// A setting can't be used.
    #[error("{0}")]
    Settings(String),
    /// The service can't be reached, or the connection broke.
    #[error("{service} can't be reached: {reason}")]
    Network {
        /// The service's name.
        service: &'static str,
        /// Why.
        reason: String,
    },
    /// The answer is not what the service promises.
    #[error("{service} gave an answer that can't be read: {reason}")]
    Answer {
        /// The service's name.
        service: &'static str,
        /// Why.
        reason: String,
    },
    /// The answer is larger than the caller takes.
    #[error("the answer has more than {0} bytes")]
    TooLarge(u64),
}

/// How a caller may react.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Too many requests.
    Throttled,
    /// The caller may not do this.
    Denied,
    /// The thing does not exist.
    NotFound,
    /// The same request may succeed later.
    Unavailable,
    /// The credentials have expired.
    Expired,
    /// The clocks are apart.
    Skewed,
    /// The bucket is in another region.
    Elsewhere,
    /// The request can't be right, whoever repeats it.
    Invalid,
}

const THROTTLED: &[&str] = &[
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "SlowDown",
    "PriorRequestNotComplete",
    "LimitExceededException",
    "KmsThrottled",
    "BandwidthLimitExceeded",
];
const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "UnauthorizedOperation",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "KmsAccessDenied",
    "AllAccessDisabled",
    "OptInRequired",
    "InvalidObjectState",
];
const NOT_FOUND: &[&str] =
    &["NoSuchKey", "NoSuchBucket", "NoSuchVersion", "NotFound", "QueueDoesNotExist", "ResourceNotFoundException"];
const EXPIRED: &[&str] = &["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"];
const SKEWED: &[&str] = &["RequestTimeTooSkewed", "RequestInTheFuture"];
/// S3 says 400 where a connection was idle for too long.
const UNAVAILABLE: &[&str] = &["RequestTimeout", "RequestTimeoutException"];
const ELSEWHERE: &[&str] = &[
    "PermanentRedirect",
    "TemporaryRedirect",
    "Redirect",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraint",
];

impl AwsError {
    /// The kind of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Service { status, code, message, .. } => kind_of(*status, code, message),
            Self::Credentials(_) | Self::Network { .. } | Self::Answer { .. } => ErrorKind::Unavailable,
            Self::Settings(_) | Self::TooLarge(_) => ErrorKind::Invalid,
        }
    }

    /// A stable word for reports and counters: AWS's own code where there is one.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Service { code, .. } => code,
            Self::Credentials(_) => "credentials",
            Self::Settings(_) => "settings",
            Self::Network { .. } => "network",
            Self::Answer { .. } => "answer",
            Self::TooLarge(_) => "too-large",
        }
    }
}

fn kind_of(status: u16, code: &str, message: &str) -> ErrorKind {
    // SQS's JSON protocol prefixes codes: `AWS.SimpleQueueService.NonExistentQueue`, `com.amazonaws.sqs#QueueDoesNotExist`.
    let bare = code.rsplit(['#', '.']).next().unwrap_or(code);
    let among = |codes: &[&str]| codes.contains(&bare) || codes.contains(&code);
    // A signature is refused as expired, or as not yet current, where the clocks are apart.
    let late = message.contains("Signature expired") || message.contains("Signature not yet current");
    if among(SKEWED) || (among(DENIED) && late) {
        ErrorKind::Skewed
    } else if among(THROTTLED) || status == 429 {
        ErrorKind::Throttled
    } else if among(EXPIRED) {
        ErrorKind::Expired
    } else if among(ELSEWHERE) || matches!(status, 301 | 307) {
        ErrorKind::Elsewhere
    } else if among(NOT_FOUND) || bare == "NonExistentQueue" || status == 404 {
        ErrorKind::NotFound
    } else if among(DENIED) || matches!(status, 401 | 403) {
        ErrorKind::Denied
    } else if status >= 500 || matches!(status, 408 | 425) || among(UNAVAILABLE) {
        ErrorKind::Unavailable
    } else {
        ErrorKind::Invalid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_a_kind() {
        let check = |status: u16, code: &str, kind: ErrorKind| assert_eq!(kind_of(status, code, ""), kind, "{code}");
        check(400, "ThrottlingException", ErrorKind::Throttled);
        check(503, "SlowDown", ErrorKind::Throttled);
        check(429, "Whatever", ErrorKind::Throttled);
        check(500, "InternalError", ErrorKind::Unavailable);
        check(400, "RequestTimeout", ErrorKind::Unavailable);
        check(403, "AccessDenied", ErrorKind::Denied);
        check(400, "AccessDeniedException", ErrorKind::Denied);
        check(404, "NoSuchKey", ErrorKind::NotFound);
        check(400, "AWS.SimpleQueueService.NonExistentQueue", ErrorKind::NotFound);
        check(400, "com.amazonaws.sqs#QueueDoesNotExist", ErrorKind::NotFound);
        check(400, "ExpiredToken", ErrorKind::Expired);
        check(403, "RequestTimeTooSkewed", ErrorKind::Skewed);
        check(301, "PermanentRedirect", ErrorKind::Elsewhere);
        check(400, "AuthorizationHeaderMalformed", ErrorKind::Elsewhere);
        check(400, "InvalidParameterValue", ErrorKind::Invalid);
        assert_eq!(kind_of(403, "InvalidSignatureException", "Signature expired: 2015…"), ErrorKind::Skewed);
        assert_eq!(kind_of(403, "SignatureDoesNotMatch", "The request signature we…"), ErrorKind::Denied);
    }
}
