# A queue for a bucket that holds logs already, and a role with which Trailhound reads them.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.40"
    }
  }
}

data "aws_caller_identity" "here" {}
data "aws_partition" "here" {}

locals {
  bucket_arn = "arn:${data.aws_partition.here.partition}:s3:::${var.bucket_name}"
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.name}-dead-letters"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = var.encrypt_queue ? null : true
  kms_master_key_id         = var.encrypt_queue ? var.kms_key_arn : null
}

resource "aws_sqs_queue" "logs" {
  name                       = var.name
  message_retention_seconds  = 1209600
  visibility_timeout_seconds = 300
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = var.encrypt_queue ? null : true
  kms_master_key_id          = var.encrypt_queue ? var.kms_key_arn : null
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 5
  })
}

data "aws_iam_policy_document" "queue" {
  statement {
    sid       = "TheBucketTells"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.logs.arn]
    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.here.account_id]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [local.bucket_arn]
    }
  }
}

resource "aws_sqs_queue_policy" "logs" {
  queue_url = aws_sqs_queue.logs.id
  policy    = data.aws_iam_policy_document.queue.json
}

# This resource owns all notifications of the bucket: with others on it, leave `notify` off and add the queue there.
resource "aws_s3_bucket_notification" "logs" {
  count      = var.notify ? 1 : 0
  depends_on = [aws_sqs_queue_policy.logs]
  bucket     = var.bucket_name
  queue {
    queue_arn     = aws_sqs_queue.logs.arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = var.prefix
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [var.reader_principal]
    }
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }
}

data "aws_iam_policy_document" "read" {
  statement {
    sid       = "Queue"
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"]
    resources = [aws_sqs_queue.logs.arn]
  }
  statement {
    sid       = "DeadLetters"
    actions   = ["sqs:GetQueueUrl", "sqs:GetQueueAttributes"]
    resources = [aws_sqs_queue.dead_letters.arn]
  }
  statement {
    sid       = "LogFiles"
    actions   = ["s3:GetObject"]
    resources = ["${local.bucket_arn}/${var.prefix}*"]
  }
  statement {
    sid       = "Listing"
    actions   = ["s3:ListBucket"]
    resources = [local.bucket_arn]
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${var.prefix}*"]
    }
  }
  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]
    content {
      sid       = "Decryption"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }
  dynamic "statement" {
    for_each = var.list_public_keys ? [1] : []
    content {
      sid       = "PublicKeys"
      actions   = ["cloudtrail:ListPublicKeys"]
      resources = ["*"]
    }
  }
}

resource "aws_iam_role" "reader" {
  name                 = "${var.name}-reader"
  description          = "Trailhound reads logs"
  max_session_duration = 3600
  assume_role_policy   = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "read" {
  name   = "read"
  role   = aws_iam_role.reader.id
  policy = data.aws_iam_policy_document.read.json
}
