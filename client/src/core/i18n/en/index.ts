/** English texts; their keys are the keys of all catalogues. */
import { admin } from "./admin";
import { calls } from "./calls";
import { common } from "./common";
import { errors } from "./errors";
import { journal } from "./journal";
import { people } from "./people";
import { settings } from "./settings";

const en = { ...admin, ...calls, ...common, ...errors, ...journal, ...people, ...settings } as const;
export default en;
