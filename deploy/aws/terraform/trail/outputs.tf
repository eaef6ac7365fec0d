output "bucket" {
  value = aws_s3_bucket.logs.id
}

output "queue_url" {
  description = "`queue_url` of the source."
  value       = module.queue.queue_url
}

output "dead_letter_url" {
  value = module.queue.dead_letter_url
}

output "role_arn" {
  description = "`role_arn` of the source."
  value       = module.queue.role_arn
}
