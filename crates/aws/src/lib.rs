//! AWS over HTTP, for whoever needs a few of its operations: credentials by the SDK's standard chain, requests signed with
//! SigV4, repeated where that helps.
//!
//! - [`Session`]: who calls, from where. Opened once, cloned freely; its credentials are refreshed before they expire.
//! - [`Session::json`], [`Session::query`], [`Session::rest`]: the three protocols that AWS's services speak.
//! - [`sqs`], [`s3`], [`cloudtrail`]: the operations by which logs come in.

pub mod cloudtrail;
mod credentials;
mod error;
mod request;
mod retry;
pub mod s3;
mod service;
mod session;
mod sign;
pub mod sqs;
mod xml;

pub use error::{AwsError, ErrorKind};
pub use reqwest::Method;
pub use service::{CLOUDTRAIL, S3, SECURITY_HUB, SNS, SQS, STS, Service};
pub use session::{Keys, Session, Settings};
