output "queue_url" {
  description = "`queue_url` of the source."
  value       = aws_sqs_queue.logs.id
}

output "dead_letter_url" {
  value = aws_sqs_queue.dead_letters.id
}

output "role_arn" {
  description = "`role_arn` of the source."
  value       = aws_iam_role.reader.arn
}
