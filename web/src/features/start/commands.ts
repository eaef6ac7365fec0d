/** What one types, or writes into `trailhound.toml`, to have logs taken in. The names are those of the settings. */

export const WAYS = ["folder", "bucket", "sent", "samples"] as const;
export type Way = (typeof WAYS)[number];

export interface Recipe {
  command?: string;
  settings?: string;
}

export function recipe(way: Way, lake: string): Recipe {
  switch (way) {
    case "folder":
      return {
        command: `trailhound ingest --lake ${lake} ~/Downloads/AWSLogs`,
        settings: `[[source]]\ntype = "folder"\nname = "drop"\npath = "/var/log/aws"`,
      };
    case "bucket":
      return {
        command: `trailhound ingest --lake ${lake} --aws-region eu-west-1 s3://my-trail-bucket/AWSLogs`,
        settings: `[[source]]\ntype = "s3-sqs"\nname = "org-trail"\nqueue_url = "https://sqs.eu-west-1.amazonaws.com/111122223333/trailhound"\nprefixes = ["AWSLogs/"]`,
      };
    case "sent":
      return {
        settings: `[[source]]\ntype = "hec"\nname = "apps"\ntokens = [{ name = "vector", token_file = "/run/secrets/hec-token" }]`,
      };
    case "samples":
      return { command: "trailhound demo" };
  }
}

export const SINK = `[[sink]]\nname = "soc"\ntype = "slack"\nurl = { env = "SLACK_WEBHOOK" }\nmin_severity = "medium"`;
