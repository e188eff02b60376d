/** A call's state in words people use. */
import type { LineCall } from "@core/api/types";
import type { Texts } from "@ui/hooks";

export function stateWords(call: LineCall, { t, word }: Texts): string {
  if (call.consultation && call.state === "connected") return t("callstate.consulting");
  if (call.state === "ended" || call.state === "failed") {
    const why = call.cause && call.cause !== "normal" && call.cause !== "normalClearing" ? word("cause", call.cause) : "";
    return [t(`callstate.${call.state}`), why === call.cause ? "" : why].filter(Boolean).join(": ");
  }
  return t(`callstate.${call.state}`);
}
