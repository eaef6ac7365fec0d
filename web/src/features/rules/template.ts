/** What a new rule begins with. */
export const TEMPLATE = `id: my-rule
title: { en: "Access key created outside the pipeline", ja: "パイプライン以外でのアクセスキー作成" }
description: { en: "Somebody made an access key by hand.", ja: "アクセスキーが手作業で作られました。" }
advice: { en: "Ask its maker; delete the key if nobody needs it.", ja: "作成者に確認し、不要なら削除してください。" }
severity: medium
attack: [TA0003, T1098.001]
logs: [cloudtrail]
query:
  lang: spl
  text: 'sourcetype=aws:cloudtrail eventName=CreateAccessKey NOT errorCode=* user!="pipeline"'
mode: each
group_by: [recipient_account_id, actor_name]
cool_down: 1h
tests:
  base: { eventSource: iam.amazonaws.com, eventName: CreateAccessKey }
  match:
    - {}
    - { userIdentity: { userName: bob } }
  no_match:
    - { eventName: ListAccessKeys }
    - { userIdentity: { userName: pipeline } }
`;
