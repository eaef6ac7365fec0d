variable "trail_name" {
  type        = string
  default     = "trailhound"
  description = "Name of the trail; the bucket's begins with it."
}

variable "organization_id" {
  type        = string
  default     = ""
  description = "The organization's id (o-…); empty for a trail of this account alone."
}

variable "s3_write_events" {
  type        = bool
  default     = false
  description = "Record what is written to and deleted from buckets. Data events cost by their number."
}

variable "retention_days" {
  type        = number
  default     = 400
  description = "Days after which log files are deleted from the bucket."
}

variable "reader_principal" {
  type        = string
  description = "ARN of the role or account that Trailhound runs as, such as arn:aws:iam::111122223333:root."
}

variable "external_id" {
  type        = string
  sensitive   = true
  description = "What the reader has to say when it assumes the role."
}
