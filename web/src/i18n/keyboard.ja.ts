/** キーボード操作の一覧。日本語。 */
import type { keyboardEn } from "./keyboard.en";

export const keyboardJa: typeof keyboardEn = {
  title: "キーボードショートカット",
  mac: "Mac では Ctrl+K と Ctrl+Enter の Ctrl を ⌘ に読み替えてください。",
  places: {
    everywhere: "すべての画面",
    search: "クエリエディター",
    lists: "アラートとルールの一覧",
    alerts: "アラート",
    tables: "結果の表",
    record: "イベントのレコード",
    dashboards: "ダッシュボードの編集",
  },
  does: {
    palette: "画面や保存した検索、値の詳細へ移動",
    help: "このヘルプを表示",
    close: "ダイアログやメニューを閉じる",
    run: "クエリを実行",
    complete: "入力候補を表示",
    leave: "エディターから出る（Esc のあと Tab）",
    next: "次へ",
    previous: "前へ",
    page: "1 ページ先、1 ページ前",
    ends: "先頭、末尾",
    open: "開く",
    select: "選択",
    acknowledge: "確認済みにする",
    closeAlert: "判定を付けてクローズ",
    filter: "検索欄へ移動",
    cell: "セル間を移動",
    actions: "セルの値に対する操作",
    fold: "折りたたむ、展開する",
    walk: "フィールド間を移動",
    movePanel: "パネルを移動",
  },
};
