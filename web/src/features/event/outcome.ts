/** How an event ended, where its row does not say: by the server's rules for error codes and sign-in results. */
import type { Row } from "../../api/types";
import { textOf } from "../results/value";
import { textAt, type Json } from "./record";

export type Outcome = "success" | "failure" | "unauthorized";

const SIGN_INS = ["ConsoleLogin", "CheckMfa", "SwitchRole"];
const REFUSED =
  /AccessDenied|UnauthorizedOperation$|^Forbidden|^(AuthFailure|OperationNotPermitted|Unauthorized(Exception|Access)?|NotAuthorized(Exception)?)$/;

export function outcomeOfEvent(row: Row, record: Json | undefined): string {
  const stored = textOf(row["action"] ?? row["outcome"]);
  return stored !== "" ? stored : outcomeOfRecord(record);
}

export function outcomeOfRecord(record: Json | undefined): Outcome {
  const code = textAt(record, "errorCode");
  if (code !== "") return REFUSED.test(code.replace(/^(Client|Server)\./, "")) ? "unauthorized" : "failure";
  const failed = SIGN_INS.some((name) => textAt(record, `responseElements.${name}`).toLowerCase() === "failure");
  return failed || textAt(record, "errorMessage") !== "" ? "failure" : "success";
}
