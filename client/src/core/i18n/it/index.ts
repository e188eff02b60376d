/** Italian texts. */
import type { Catalogue } from "../catalogue";
import { admin } from "./admin";
import { calls } from "./calls";
import { effects } from "./effects";
import { common } from "./common";
import { errors } from "./errors";
import { journal } from "./journal";
import { people } from "./people";
import { settings } from "./settings";

const it: Catalogue = { ...admin, ...calls, ...common, ...effects, ...errors, ...journal, ...people, ...settings };
export default it;
