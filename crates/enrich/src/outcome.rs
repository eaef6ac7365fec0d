//! How a call ended. CloudTrail says it in two ways: an error code for API calls, and a word in `responseElements` for
//! sign-ins, whose failures have no error code.

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was carried out.
    Success,
    /// It failed, for any reason but permission. Failed sign-ins are failures.
    Failure,
    /// It was refused for lack of permission.
    Unauthorized,
}

impl Outcome {
    /// The text of the column `outcome`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Unauthorized => "unauthorized",
        }
    }
}

/// The outcome of a record: its error code and message, and what it says of the three kinds of sign-in (`ConsoleLogin`,
/// `CheckMfa`, `SwitchRole`).
pub fn outcome(error_code: Option<&str>, error_message: Option<&str>, sign_ins: [Option<&str>; 3]) -> Outcome {
    match error_code {
        Some(code) if is_unauthorized(code) => Outcome::Unauthorized,
        Some(code) if !code.is_empty() => Outcome::Failure,
        _ if sign_ins.into_iter().flatten().any(|result| result.eq_ignore_ascii_case("failure")) => Outcome::Failure,
        // A failed console sign-in may come without responseElements, with `Failed authentication` as its only trace.
        _ if error_message.is_some_and(|message| !message.is_empty()) => Outcome::Failure,
        _ => Outcome::Success,
    }
}

/// Error codes with which services refuse for lack of permission.
pub fn is_unauthorized(code: &str) -> bool {
    let bare = code.strip_prefix("Client.").or_else(|| code.strip_prefix("Server.")).unwrap_or(code);
    // AccessDenied, AccessDeniedException, S3.AccessDenied, VpceAccessDenied, KMSAccessDeniedException …
    bare.contains("AccessDenied")
        || bare.ends_with("UnauthorizedOperation")
        || bare.starts_with("Forbidden")
        || matches!(
            bare,
            "AuthFailure"
                | "OperationNotPermitted"
                | "UnauthorizedException"
                | "UnauthorizedAccess"
                | "Unauthorized"
                | "NotAuthorized"
                | "NotAuthorizedException"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: Option<&str>, message: Option<&str>, sign_ins: [Option<&str>; 3], expected: Outcome) {
        assert_eq!(outcome(code, message, sign_ins), expected, "{code:?} {message:?} {sign_ins:?}");
    }

    #[test]
    fn error_codes() {
        for code in [
            "AccessDenied",
            "AccessDeniedException",
            "Client.UnauthorizedOperation",
            "UnauthorizedOperation",
            "S3.AccessDenied",
            "AuthFailure",
            "Client.AuthFailure",
            "Client.OperationNotPermitted",
            "UnauthorizedException",
            "UnauthorizedAccess",
            "ForbiddenException",
            "Forbidden",
            "VpceAccessDenied",
            "EC2.UnauthorizedOperation",
        ] {
            check(Some(code), None, [None; 3], Outcome::Unauthorized);
        }
        for code in [
            "NoSuchBucket",
            "ThrottlingException",
            "Client.InvalidParameterValue",
            "success-ish",
            "InvalidClientTokenId",
        ] {
            check(Some(code), Some("why"), [None; 3], Outcome::Failure);
        }
        check(None, None, [None; 3], Outcome::Success);
        check(Some(""), None, [None; 3], Outcome::Success);
    }

    #[test]
    fn sign_ins() {
        check(None, None, [Some("Success"), None, None], Outcome::Success);
        check(None, Some("Failed authentication"), [Some("Failure"), None, None], Outcome::Failure);
        check(None, None, [None, Some("Failure"), None], Outcome::Failure);
        check(None, None, [None, None, Some("Failure")], Outcome::Failure);
        check(None, Some("Failed authentication"), [None; 3], Outcome::Failure);
        check(None, Some("No username found in supplied account"), [Some("Failure"), None, None], Outcome::Failure);
    }
}
