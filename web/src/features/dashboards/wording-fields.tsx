/** A text in both languages: the reader's first, the other may be left empty and is then the same. */
import { useSettings, type Language } from "../../i18n";
import type { Text } from "./file";

interface WordingFieldsProps {
  label: string;
  value: Text | undefined;
  /** At least one language has to say something. */
  required?: boolean;
  long?: boolean;
  onChange: (value: Text) => void;
}

export function WordingFields({ label, value = {}, required = false, long = false, onChange }: WordingFieldsProps) {
  const { m, language } = useSettings();
  const order: readonly Language[] = language === "ja" ? ["ja", "en"] : ["en", "ja"];
  const blank = order.every((each) => !value[each]?.trim());
  return (
    <div className="form-row">
      {order.map((each, at) => {
        const other = value[order[1 - at] ?? "en"]?.trim();
        const shared = {
          className: "input",
          lang: each,
          value: value[each] ?? "",
          placeholder: other ? other : undefined,
          "aria-invalid": required && blank && at === 0 ? true : undefined,
          onChange: (event: { target: { value: string } }) => onChange(changed(value, each, event.target.value)),
        };
        return (
          <label key={each} className="field">
            {m.boards.inLanguage(label, m.boards.languages[each])}
            {long ? <textarea rows={2} {...shared} /> : <input required={required && blank && at === 0} {...shared} />}
          </label>
        );
      })}
    </div>
  );
}

function changed(value: Text, language: Language, text: string): Text {
  const { [language]: _, ...rest } = value;
  return text === "" ? rest : { ...rest, [language]: text };
}
