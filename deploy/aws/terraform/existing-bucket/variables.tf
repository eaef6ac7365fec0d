variable "name" {
  type        = string
  default     = "trailhound-logs"
  description = "Name of the queue; those of the dead letters and the role begin with it."
}

variable "bucket_name" {
  type        = string
  description = "The bucket that holds the logs."
}

variable "prefix" {
  type        = string
  default     = "AWSLogs/"
  description = "Keys that begin with it."
}

variable "notify" {
  type        = bool
  default     = false
  description = "Set the bucket's notifications: all of them, others are removed."
}

variable "kms_key_arn" {
  type        = string
  default     = null
  description = "The key with which the objects are encrypted, if they are with one. Its own policy has to allow the role."
}

variable "encrypt_queue" {
  type        = bool
  default     = false
  description = "Encrypt the queue with that key too; S3 has to be allowed to use it."
}

variable "reader_principal" {
  type        = string
  description = "ARN of the role or account that Trailhound runs as."
}

variable "external_id" {
  type        = string
  sensitive   = true
  description = "What the reader has to say when it assumes the role."
}

variable "list_public_keys" {
  type        = bool
  default     = false
  description = "Allow the role to list the public keys with which CloudTrail signs its digests."
}
