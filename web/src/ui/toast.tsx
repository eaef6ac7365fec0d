/** Short confirmations ("Copied"), also read out. */
import { createContext, useCallback, useContext, useRef, useState, type ReactNode } from "react";

const SHOWN_MS = 2200;
const Context = createContext<(text: string) => void>(() => undefined);

export const useToast = () => useContext(Context);

export function ToastProvider({ children }: { children: ReactNode }) {
  const [text, setText] = useState("");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const show = useCallback((next: string) => {
    clearTimeout(timer.current);
    setText(next);
    timer.current = setTimeout(() => setText(""), SHOWN_MS);
  }, []);
  return (
    <Context value={show}>
      {children}
      <div className={text === "" ? "toast" : "toast shown"} role="status" aria-live="polite">
        {text}
      </div>
    </Context>
  );
}
