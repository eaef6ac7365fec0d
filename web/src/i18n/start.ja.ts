/** はじめての設定ガイドの文言（日本語）。 */
import type { startEn } from "./start.en";

export const startJa: typeof startEn = {
  title: "はじめに",
  intro: "ログの取り込みからアラートまでの手順です。ログが届くと、このページも進みます。",
  done: "完了",
  now: "次の手順",
  later: "未完了",
  copy: "コピー",
  copied: "コピーしました",
  once: "一度だけ取り込む場合（コマンド）:",
  always: "届くたびに取り込む場合（trailhound.toml に追記し、サーバーを再起動）:",
  point: {
    title: "ログの場所を指定する",
    intro:
      "CloudTrail をはじめとする AWS のログを、バケットにあるままの形で取り込みます。圧縮の有無、アカウントやリージョンの数は問いません。種類は内容から判別します。",
    ways: { folder: "フォルダー", bucket: "S3 バケット", sent: "送信してもらう", samples: "サンプルログ" },
    folder: "コマンドを実行するマシンのフォルダーを読み取ります。何度実行しても、取り込み済みのものは重複しません。",
    bucket: "認証情報は AWS のツールと同じ場所から取得します。SQS の通知を使うと、新しいオブジェクトが数秒で取り込まれます。",
    sent: "Firehose、Vector、Fluent Bit、OpenTelemetry Collector から HTTP Event Collector に送信できます。送信元ごとにトークンを発行します。",
    samples: "自分のログを用意する前に試すには、生成したログ入りのサーバーを起動します:",
  },
  arrive: {
    title: "ログの到着を確認する",
    waiting: "まだ何も届いていません。数秒ごとに確認しています。",
    events: (n, tables) => `${tables} 種類のログ、${n} 件のイベント`,
    table: "ログの種類",
    rows: "イベント数",
    newest: "最新のイベント",
    sources: "取り込み元",
    noSources: "trailhound.toml に取り込み元は設定されていません。上のコマンドには必要ありません。",
    toSources: "取り込み元と、読み取れなかったもの",
  },
  controls: {
    title: "14 のコントロールで監視する",
    intro:
      "AWS Security Hub の CloudWatch コントロールです。root の使用、MFA なしのサインイン、ポリシー・証跡・キー・ネットワークの変更を、イベントの到着と同時に検査します。",
    on: (on, all) => `${all} 件中 ${on} 件が有効`,
    switchOn: (n) => `残り ${n} 件を有効にする`,
    toRules: "すべてのルール",
    failed: "有効にできなかったルールがあります:",
  },
  sinks: {
    title: "アラートの通知先を決める",
    intro:
      "アラートはこの画面で確認できます。ほかの場所にも通知するには、trailhound.toml に通知先を追記してサーバーを再起動します。メール、Slack、SNS、PagerDuty、Webhook などに対応しています。",
    found: (n) => `通知先 ${n} 件が設定済み`,
    none: "まだ設定されていません。",
    toSinks: "通知先のテスト",
  },
  look: {
    title: "状況を確認する",
    intro: "セキュリティ概要では、最初に確認すべきことが分かります。どの数値からも、その元になったイベントを開けます。",
    overview: "セキュリティ概要を開く",
    alerts: "アラートを開く",
    waiting: "イベントが届くと開けます。",
  },
};
