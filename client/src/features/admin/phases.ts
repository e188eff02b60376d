/** Colours of the phases of a link; the words stand beside them. */
import type { Link } from "@core/api/types";

export const PHASE_TONES: Record<Link["phase"], string> = {
  up: "green", connecting: "amber", "signing-in": "amber", synchronising: "amber", waiting: "red", refused: "red", stopped: "",
};
