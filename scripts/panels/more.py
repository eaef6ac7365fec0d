"""What the sample logs lack and panels ask for: changes of IAM, of keys and groups, sign-ins without MFA and from far apart,
open security groups; a list of addresses; settings that name the databases of places.
"""

import json

# The name of the list of addresses.
LIST = "threat-test"
SETTINGS = f"""
[geoip]
city = "city.mmdb"
asn = "asn.mmdb"

[[list]]
name = "{LIST}"
path = "threat.txt"
"""
# Addresses of the samples that the list holds.
LISTED = ("152.206.80.57", "113.161.72.14", "95.24.20.30")

ACCOUNT = "777788889999"
USER = {"type": "IAMUser", "userName": "olga.more", "arn": f"arn:aws:iam::{ACCOUNT}:user/olga.more", "accountId": ACCOUNT, "principalId": "AIDAEXAMPLEMORE000001", "accessKeyId": "AKIAEXAMPLEMORE00001"}
TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
OPEN = {"items": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]}

IAM = [
    ("CreateRole", {"roleName": "more-role", "assumeRolePolicyDocument": TRUST}, {"role": {"roleName": "more-role", "arn": f"arn:aws:iam::{ACCOUNT}:role/more-role"}}, None),
    ("UpdateAssumeRolePolicy", {"roleName": "more-role", "policyDocument": TRUST}, None, None),
    ("DeleteRole", {"roleName": "more-role"}, None, None),
    ("DeleteRole", {"roleName": "absent-role"}, None, "NoSuchEntityException"),
    ("CreateUser", {"userName": "more-user"}, {"user": {"userName": "more-user"}}, None),
    ("DeleteUser", {"userName": "more-user"}, None, None),
    ("CreateLoginProfile", {"userName": "more-user", "passwordResetRequired": True}, None, None),
    ("UpdateLoginProfile", {"userName": "more-user"}, None, None),
    ("DeleteLoginProfile", {"userName": "more-user"}, None, None),
    ("ChangePassword", None, None, None),
    ("CreateGroup", {"groupName": "more-group"}, {"group": {"groupName": "more-group"}}, None),
    ("DeleteGroup", {"groupName": "more-group"}, None, None),
    ("AttachGroupPolicy", {"groupName": "more-group", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, None, None),
    ("AddUserToGroup", {"groupName": "more-group", "userName": "more-user"}, None, None),
    ("RemoveUserFromGroup", {"groupName": "more-group", "userName": "more-user"}, None, None),
    ("CreateAccessKey", {"userName": "more-user"}, {"accessKey": {"userName": "more-user", "accessKeyId": "AKIAEXAMPLEMORE00002", "status": "Active"}}, None),
    ("UpdateAccessKey", {"userName": "more-user", "accessKeyId": "AKIAEXAMPLEMORE00002", "status": "Inactive"}, None, None),
    ("DeleteAccessKey", {"userName": "more-user", "accessKeyId": "AKIAEXAMPLEMORE00002"}, None, None),
    ("DeactivateMFADevice", {"userName": "more-user", "serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/more-user"}, None, None),
    ("DeleteUser", {"userName": "guarded-user"}, None, "AccessDenied"),
    ("CreatePolicy", {"policyName": "more-policy", "policyDocument": "{}"}, {"policy": {"policyName": "more-policy", "arn": f"arn:aws:iam::{ACCOUNT}:policy/more-policy"}}, None),
    ("UpdateAccountPasswordPolicy", {"minimumPasswordLength": 8}, None, None),
    ("DeleteAccountPasswordPolicy", None, None, None),
]
EC2 = [
    ("AuthorizeSecurityGroupIngress", {"groupId": "sg-0more000000000001", "ipPermissions": OPEN}, {"_return": True}, None),
    ("RevokeSecurityGroupIngress", {"groupId": "sg-0more000000000001", "ipPermissions": OPEN}, {"_return": True}, None),
    ("AuthorizeSecurityGroupIngress", {"groupId": "sg-0more000000000002", "ipPermissions": OPEN}, None, "Client.UnauthorizedOperation"),
    ("CreateNetworkAclEntry", {"networkAclId": "acl-0more00000000001", "ruleNumber": 100, "ruleAction": "allow", "egress": False, "cidrBlock": "0.0.0.0/0", "aclProtocol": "-1"}, None, None),
    ("CreateKeyPair", {"keyName": "more-key"}, {"keyName": "more-key", "keyPairId": "key-0more"}, None),
    ("ImportKeyPair", {"keyName": "more-key-2"}, {"keyName": "more-key-2"}, None),
    ("DeleteKeyPair", {"keyName": "more-key"}, None, None),
    ("RunInstances", {"instanceType": "t3.micro"}, {"instancesSet": {"items": [{"instanceId": "i-0more0000000000001"}]}}, None),
    ("StopInstances", {"instancesSet": {"items": [{"instanceId": "i-0more0000000000001"}]}}, None, None),
    ("TerminateInstances", {"instancesSet": {"items": [{"instanceId": "i-0more0000000000001"}]}}, None, None),
    ("ModifySnapshotAttribute", {"snapshotId": "snap-0more000000001", "attributeType": "CREATE_VOLUME_PERMISSION", "createVolumePermission": {"add": {"items": [{"group": "all"}]}}}, None, None),
    ("DisableEbsEncryptionByDefault", {}, None, None),
]
S3 = [
    ("PutBucketPolicy", {"bucketName": "more-bucket", "bucketPolicy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::more-bucket/*"}]}}, None, None),
    ("DeleteBucketPublicAccessBlock", {"bucketName": "more-bucket"}, None, None),
    ("PutBucketAcl", {"bucketName": "more-bucket", "x-amz-acl": "public-read"}, None, None),
]
# When, from where, result, MFA.
SIGN_INS = [
    ("2026-09-24T08:00:00Z", "153.240.10.20", "Success", "Yes"),
    ("2026-09-24T09:30:00Z", "91.64.10.20", "Success", "No"),
    ("2026-09-24T09:40:00Z", "91.64.10.21", "Failure", "No"),
    ("2026-09-25T09:40:00Z", "93.40.10.21", "Success", "No"),
]


def event(n, when, source, name, request, response, code, **more):
    made = {
        "eventVersion": "1.11", "userIdentity": USER, "eventTime": when, "eventSource": source, "eventName": name, "awsRegion": "us-east-1",
        "sourceIPAddress": "153.240.10.20", "userAgent": "aws-cli/2.15.30", "requestParameters": request, "responseElements": response,
        "requestID": f"more-{n}", "eventID": f"30000000-0000-4000-8000-{n:012d}", "readOnly": False, "eventType": "AwsApiCall",
        "managementEvent": True, "recipientAccountId": ACCOUNT, "eventCategory": "Management", "tlsDetails": {"tlsVersion": "TLSv1.2"}, **more,
    }
    if code:
        made.update(errorCode=code, errorMessage="refused, as the tests want it")
    return made


def events():
    made = []
    calls = [("iam.amazonaws.com", *row) for row in IAM] + [("ec2.amazonaws.com", *row) for row in EC2] + [("s3.amazonaws.com", *row) for row in S3]
    for n, (source, name, request, response, code) in enumerate(calls):
        made.append(event(n, f"2026-09-22T10:{n % 60:02d}:00Z", source, name, request, response, code))
    for n, (when, address, result, mfa) in enumerate(SIGN_INS, start=500):
        who = {**USER, "accessKeyId": ""}
        signed = event(n, when, "signin.amazonaws.com", "ConsoleLogin", None, {"ConsoleLogin": result}, None, userIdentity=who, sourceIPAddress=address,
                       userAgent="Mozilla/5.0 Firefox/130.0", eventType="AwsConsoleSignIn", additionalEventData={"MFAUsed": mfa, "LoginTo": "https://console.aws.amazon.com"})
        made.append({**signed, "errorMessage": "Failed authentication"} if result == "Failure" else signed)
    return made


def write(folder):
    """Writes the events beside the samples, and the list beside the folder."""
    where = folder / f"AWSLogs/{ACCOUNT}/CloudTrail"
    where.mkdir(parents=True, exist_ok=True)
    (where / "more.json").write_text(json.dumps({"Records": events()}))
    (folder.parent / "threat.txt").write_text("\n".join(LISTED) + "\n")


def repeat(folder):
    """Writes a file with some of the events once more and a piece that is no record. It is to be taken in after the others."""
    (folder / f"AWSLogs/{ACCOUNT}/CloudTrail/repeated.json").write_text(json.dumps({"Records": [*events()[:3], 17]}))
