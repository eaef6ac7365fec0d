//! Signature Version 4 of a request.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity;

use crate::request::Request;
use crate::{AwsError, S3};

/// The headers that sign `request` at `url`.
pub(crate) fn signature(
    request: &Request,
    url: &str,
    region: &str,
    credentials: &Credentials,
    time: SystemTime,
) -> Result<Vec<(String, String)>, AwsError> {
    let refused = |reason: String| AwsError::Settings(format!("a request can't be signed: {reason}"));
    let mut settings = SigningSettings::default();
    if request.service == S3 {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    let identity: Identity = credentials.clone().into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(request.service.signing)
        .time(time)
        .settings(settings)
        .build()
        .map_err(|error| refused(error.to_string()))?
        .into();
    let headers = request.headers.iter().map(|(name, value)| (*name, value.as_str()));
    let body = SignableBody::Bytes(&request.body);
    let signable = SignableRequest::new(request.method.as_str(), url, headers, body)
        .map_err(|error| refused(error.to_string()))?;
    let signed = sign(signable, &params).map_err(|error| refused(error.to_string()))?;
    let (instructions, _) = signed.into_parts();
    Ok(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Method, Service};

    fn check(request: &Request, url: &str, keys: (&str, &str), epoch: u64, expected: &str) {
        let credentials = Credentials::new(keys.0, keys.1, None, None, "test");
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(epoch);
        let headers = signature(request, url, "us-east-1", &credentials, time).unwrap();
        let authorization = &headers.iter().find(|(name, _)| name == "authorization").unwrap().1;
        assert!(authorization.ends_with(&format!("Signature={expected}")), "{url}: {authorization}");
    }

    /// AWS's published test suite: `get-vanilla`, `get-vanilla-query-order-key-case`, `post-vanilla`.
    #[test]
    fn requests_of_the_published_suite() {
        let keys = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let service = Service { name: "service", signing: "service", json: "1.0", version: "" };
        let get = Request::new(service, Method::GET, "/");
        let url = "https://example.amazonaws.com/";
        check(&get, url, keys, 1_440_938_160, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
        let query = format!("{url}?Param2=value2&Param1=value1");
        check(&get, &query, keys, 1_440_938_160, "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
        let post = Request::new(service, Method::POST, "/");
        check(&post, url, keys, 1_440_938_160, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    }

    /// The example of S3's documentation, a part of an object.
    #[test]
    fn the_example_of_s3() {
        let keys = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let mut get = Request::new(S3, Method::GET, "/test.txt");
        get.headers.push(("range", "bytes=0-9".into()));
        let url = "https://examplebucket.s3.amazonaws.com/test.txt";
        check(&get, url, keys, 1_369_353_600, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    }
}
