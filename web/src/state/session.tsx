/** Who uses the page; null where nobody has to say. */
import { createContext, useContext } from "react";

import type { Session } from "../api/types";

export const SessionContext = createContext<Session | null>(null);

export const useUserName = (): string | null => useContext(SessionContext)?.user?.name ?? null;

export const useSession = (): Session | null => useContext(SessionContext);
